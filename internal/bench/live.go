package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"drystone/community"
)

const (
	listeners = 2000
	each      = 10 // of them to an account
	spoken    = 50 // comments that all of them hear
)

// livePart measures what listeners cost that hear what happens in a thread:
// memory, and how long it takes until all of them heard of a comment.
func livePart(ctx context.Context, s settings, targets []*target) error {
	for _, t := range targets {
		t, err := t.fresh(ctx, "live")
		if err != nil {
			return err
		}
		if err := liveOn(ctx, s, t); err != nil {
			return errors.Join(err, t.db.Close())
		}
		if err := t.db.Close(); err != nil {
			return err
		}
	}
	return nil
}

func liveOn(ctx context.Context, s settings, t *target) (err error) {
	server, err := serverOn(s, t)
	if err != nil {
		return err
	}
	if _, err := server.start(ctx); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.stop()) }()
	tokens, err := crowd(ctx, t, "http://"+server.host)
	if err != nil {
		return err
	}
	server.token = tokens[0]
	if _, _, err := server.call(ctx, http.MethodPost, "/groups", map[string]string{"name": "hall"}); err != nil {
		return err
	}
	post, _, err := server.call(ctx, http.MethodPost, "/groups/hall/posts", map[string]string{"title": "Hear, hear"})
	if err != nil {
		return err
	}
	before := server.resident()
	listening, hangUp := context.WithCancel(ctx)
	defer hangUp()
	heard := make(chan error, listeners)
	began := time.Now()
	var coming errgroup.Group
	coming.SetLimit(each * each)
	for i := range listeners {
		coming.Go(func() error { return listenTo(listening, server, tokens[i/each], post, heard) })
	}
	if err := coming.Wait(); err != nil {
		return err
	}
	settled := time.Since(began)
	connected, used := server.resident(), server.cpu()
	var took series
	comment := fmt.Sprintf("/posts/%d/comments", post)
	for range spoken {
		began := time.Now()
		if _, _, err := server.call(ctx, http.MethodPost, comment, map[string]string{"body": "Hear!"}); err != nil {
			return err
		}
		for range listeners {
			if err := <-heard; err != nil {
				return err
			}
		}
		took.add(float64(time.Since(began).Milliseconds()))
	}
	fmt.Printf("live on %s\n  %d listeners, there in %.1f s: %.0f MB more than the %.0f MB before, %.1f KB each; %.0f MB after %d comments that all heard\n",
		t.name, listeners, settled.Seconds(), connected-before, before, (connected-before)*1024/listeners, server.resident(), spoken)
	fmt.Printf("  until all heard of a comment: p50 %.0f ms, p99 %.0f ms, with %.1f ms CPU\n\n",
		took.median(), took.at(0.99), float64((server.cpu()-used).Milliseconds())/spoken)
	return nil
}

// crowd makes as many accounts as the listeners need, and a token for each.
func crowd(ctx context.Context, t *target, origin string) (tokens []string, err error) {
	now := time.Now().UTC()
	for i := range listeners / each {
		name := fmt.Sprintf("ear%d", i)
		actor := &community.Actor{Kind: community.Person, Name: name, IRI: origin + "/u/" + name, CreatedAt: now, UpdatedAt: now}
		if err := t.db.AddActor(ctx, actor); err != nil {
			return nil, err
		}
		account := &community.Account{ActorID: actor.ID, CreatedAt: now}
		if err := t.db.AddAccount(ctx, account); err != nil {
			return nil, err
		}
		secret := "bench-" + name
		session := &community.Session{
			AccountID: account.ID, Kind: community.TokenSession, Name: "bench", Hash: community.HashSecret(secret), CreatedAt: now, Scopes: community.AllScopes,
		}
		if err := t.db.AddSession(ctx, session); err != nil {
			return nil, err
		}
		tokens = append(tokens, secret)
	}
	return tokens, nil
}

// listenTo opens a connection and says each time that it hears of a comment.
func listenTo(ctx context.Context, s *server, token string, post int64, heard chan<- error) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, fmt.Sprintf("http://%s/api/v1/stream?thread=%d&feed=home", s.host, post), nil)
	if err != nil {
		return err
	}
	r.Header.Set("Authorization", "Bearer "+token)
	reply, err := http.DefaultClient.Do(r) //nolint:bodyclose // whoever reads it closes it
	if err != nil {
		return err
	}
	if reply.StatusCode != http.StatusOK {
		return errors.Join(fmt.Errorf("listening: status %d", reply.StatusCode), reply.Body.Close())
	}
	lines := bufio.NewScanner(reply.Body)
	for lines.Scan() && lines.Text() != "event: unread" { // it is known there now
	}
	go func() {
		defer reply.Body.Close()
		for lines.Scan() {
			if strings.HasPrefix(lines.Text(), "event: comment") {
				heard <- nil
			}
		}
		if ctx.Err() == nil {
			heard <- errors.New("a listener was dropped")
		}
	}()
	return nil
}
