package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"drystone/federation/as"
	"drystone/federation/httpsig"
)

const (
	followers = 500 // servers that follow one group
	senders   = 64  // servers that send to the other
	people    = 50  // of each of them
	threads   = 20  // in each group
	spread    = 25  // posts that are voted on and answered, in every round
	said      = 40  // votes of which all followers are told, in every round
)

// A scene is a server on one database with others around it: one group that
// they follow, and one in which they only speak.
type scene struct {
	*target
	server   *server
	audience *othersProcess // of the group "loud"
	speakers *othersProcess // in the group "quiet"
	loud     []int64        // posts to vote on
	quiet    []string       // posts to be voted on and answered
	quietIDs []int64
	vote     int  // votes cast in "loud"
	deafs    int  // times that all of "quiet" was voted on
	inbox    bool // only what arrives is measured
}

// numbers are what was measured on one database.
type numbers struct {
	commit1, commit16          series
	votes, hot, creates        arrival
	deliveries, deliveriesCPUs series
}

// arrival is how many activities a second became visible, and the CPU time in
// µs that each cost us, Postgres, and those who sent them.
type arrival struct {
	rate, ours, database, senders series
}

func (a *arrival) String() string {
	return fmt.Sprintf("%v/s received until visible; µs CPU each: %v ours, %v Postgres, %v the senders", a.rate, a.ours, a.database, a.senders)
}

func federationPart(ctx context.Context, s settings, targets []*target) error {
	key, err := httpsig.GenerateKey()
	if err != nil {
		return err
	}
	var scenes []*scene
	defer func() {
		for _, sc := range scenes {
			sc.end()
		}
	}()
	for _, t := range targets {
		sc, err := stage(ctx, s, t)
		if sc != nil {
			scenes = append(scenes, sc)
		}
		if err != nil {
			return err
		}
	}
	var sign, verify, disk series
	all := make([]numbers, len(scenes))
	for range s.rounds {
		perSign, perVerify, err := signs(key)
		if err != nil {
			return err
		}
		sign.add(perSign)
		verify.add(perVerify)
		perSync, err := syncs(s.dir)
		if err != nil {
			return err
		}
		disk.add(perSync)
		for i, sc := range scenes {
			if err := sc.round(ctx, &all[i]); err != nil {
				return fmt.Errorf("%s: %w", sc.name, err)
			}
		}
	}
	fmt.Printf("limits     RSA-2048 sign %v, verify %v a CPU-second; fdatasync %v/s\n", sign, verify, disk)
	for i, sc := range scenes {
		sc.report(&all[i], sign.median(), verify.median())
		if sc.inbox {
			continue
		}
		if err := sc.journal(ctx); err != nil {
			return err
		}
		if err := sc.drain(ctx); err != nil {
			return err
		}
	}
	fmt.Println()
	return nil
}

// stage prepares a scene.
func stage(ctx context.Context, s settings, t *target) (_ *scene, err error) {
	sc := &scene{inbox: s.only == "inbox"}
	if sc.target, err = t.fresh(ctx, "federation"); err != nil {
		return nil, err
	}
	if sc.server, err = serverOn(s, sc.target); err != nil {
		return sc, err
	}
	for _, command := range [][]string{
		{"account", "create", "alice", "--admin", "--password-stdin"},
		{"group", "create", "loud", "--moderator", "alice"},
		{"group", "create", "quiet", "--moderator", "alice"},
		{"token", "create", "alice"},
	} {
		if sc.server.token, err = sc.server.command(ctx, "correct horse battery staple", command...); err != nil {
			return sc, err
		}
	}
	if _, err := sc.server.start(ctx); err != nil {
		return sc, err
	}
	for range threads {
		id, _, err := sc.server.call(ctx, "POST", "/groups/loud/posts", map[string]string{"title": "To vote on"})
		if err != nil {
			return sc, err
		}
		quiet, url, err := sc.server.call(ctx, "POST", "/groups/quiet/posts", map[string]string{"title": "To talk about"})
		if err != nil {
			return sc, err
		}
		sc.loud, sc.quiet, sc.quietIDs = append(sc.loud, id), append(sc.quiet, url), append(sc.quietIDs, quiet)
	}
	return sc, sc.invite(ctx)
}

// invite starts the others. Each of the speakers speaks once, so that they
// are known when the clock runs.
func (sc *scene) invite(ctx context.Context) (err error) {
	if sc.audience, err = startOthers(ctx); err != nil {
		return err
	}
	if sc.speakers, err = startOthers(ctx); err != nil {
		return err
	}
	if !sc.inbox {
		if _, err := sc.audience.order(order{Do: "crowd", Number: followers}); err != nil {
			return err
		}
		if _, err := sc.audience.order(order{Do: "follow", Group: "http://" + sc.server.host + "/c/loud"}); err != nil {
			return err
		}
	}
	if _, err := sc.speakers.order(order{Do: "crowd", Number: senders}); err != nil {
		return err
	}
	return sc.receive(ctx, new(arrival), as.KindLike, sc.quiet[:1], "votes")
}

func (sc *scene) end() {
	for _, p := range []*othersProcess{sc.audience, sc.speakers} {
		if p != nil {
			p.stop()
		}
	}
	if sc.server != nil && sc.server.cmd != nil {
		_ = sc.server.stop()
	}
	_ = sc.db.Close()
}

// round measures everything once.
func (sc *scene) round(ctx context.Context, n *numbers) error {
	one, err := sc.commits(ctx, 1)
	if err != nil {
		return err
	}
	many, err := sc.commits(ctx, 16)
	if err != nil {
		return err
	}
	n.commit1.add(one)
	n.commit16.add(many)
	// New posts, because a vote is cast once.
	var fresh []string
	for range spread + 1 {
		_, url, err := sc.server.call(ctx, "POST", "/groups/quiet/posts", map[string]string{"title": "Another"})
		if err != nil {
			return err
		}
		fresh = append(fresh, url)
	}
	for _, m := range []struct {
		name string
		do   func() error
	}{
		{"votes", func() error { return sc.receive(ctx, &n.votes, as.KindLike, fresh[1:], "votes") }},
		{"hot", func() error { return sc.receive(ctx, &n.hot, as.KindLike, fresh[:1], "votes") }},
		{"answers", func() error { return sc.receive(ctx, &n.creates, as.KindCreate, fresh[1:], "comments") }},
		{"deliver", func() error { return sc.deliver(ctx, n) }},
	} {
		if sc.inbox && m.name == "deliver" {
			continue
		}
		if err := sc.server.profiled(sc.name+"-"+m.name, m.do); err != nil {
			return err
		}
	}
	return nil
}

// receive lets all people of all speakers send an activity about one of the
// objects, signed beforehand, and waits until all are rows that readers see.
func (sc *scene) receive(ctx context.Context, a *arrival, kind string, objects []string, table string) error {
	group := "http://" + sc.server.host + "/c/quiet"
	signed, err := sc.speakers.order(order{Do: "sign", Kind: kind, Group: group, Objects: objects, Number: people})
	if err != nil {
		return err
	}
	rows, err := sc.count(ctx, table)
	if err != nil {
		return err
	}
	before, began := sc.used(), time.Now()
	if _, err := sc.speakers.order(order{Do: "fire"}); err != nil {
		return err
	}
	for deadline := began.Add(5 * time.Minute); ; time.Sleep(20 * time.Millisecond) {
		now, err := sc.count(ctx, table)
		if err != nil {
			return err
		}
		if now >= rows+signed.Number {
			break
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("%d of %d %s became visible", now-rows, signed.Number, table)
		}
	}
	a.rate.add(perSecond(signed.Number, time.Since(began)))
	for i, after := range sc.used() {
		[]*series{&a.ours, &a.database, &a.senders}[i].add(float64((after - before[i]).Microseconds()) / float64(signed.Number))
	}
	return nil
}

// used is the CPU time that the server, Postgres and the senders have used.
func (sc *scene) used() [3]time.Duration {
	return [3]time.Duration{sc.server.cpu(), familyCPU("postgres"), cpuOf(sc.speakers.cmd.Process.Pid)}
}

func (sc *scene) count(ctx context.Context, table string) (n int, err error) {
	err = sc.db.Bun().QueryRowContext(ctx, "SELECT count(*) FROM "+table).Scan(&n)
	return n, err
}

// deliver casts votes, which all followers are to hear, and waits until the
// sinks have them.
func (sc *scene) deliver(ctx context.Context, n *numbers) error {
	cpu, began := sc.server.cpu(), time.Now()
	if err := sc.tell(ctx, said); err != nil {
		return err
	}
	took := time.Since(began)
	used := sc.server.cpu() - cpu
	if used <= 0 {
		return errors.New("the server used no CPU time")
	}
	n.deliveries.add(perSecond(said*followers, took))
	n.deliveriesCPUs.add(said * followers / used.Seconds())
	return nil
}

// tell casts votes in the group that is followed, and waits until all
// followers heard of them.
func (sc *scene) tell(ctx context.Context, votes int) error {
	total, err := sc.audience.order(order{Do: "total"})
	if err != nil {
		return err
	}
	for range votes {
		// Every other time around, the same thread is voted on the other way.
		value := []int{-1, 1}[sc.vote/threads%2]
		path := fmt.Sprintf("/posts/%d/vote", sc.loud[sc.vote%threads])
		sc.vote++
		if _, _, err := sc.server.call(ctx, "PUT", path, map[string]int{"value": value}); err != nil {
			return err
		}
	}
	_, err = sc.audience.order(order{Do: "wait", Number: total.Number + votes*followers})
	return err
}

func (sc *scene) report(n *numbers, sign, verify float64) {
	commit := max(n.commit1.median(), n.commit16.median())
	fmt.Printf("%-10s single-row commits %v/s by 1 client, %v/s by 16\n", sc.name, n.commit1, n.commit16)
	votes, hot := n.votes.rate.median(), n.hot.rate.median()
	fmt.Printf("  votes    %v: %.2f of the commits, %.3f of the verifications\n", &n.votes, votes/commit, votes/verify)
	fmt.Printf("  hot      %v: %.0f%% of those spread over %d\n", &n.hot, 100*hot/votes, spread)
	fmt.Printf("  answers  %v: %.2f of the commits\n", &n.creates, n.creates.rate.median()/commit)
	if sc.inbox {
		return
	}
	fmt.Printf("  deliver  %v/s; %v a CPU-second of ours: %.0f%% of the signatures\n",
		n.deliveries, n.deliveriesCPUs, 100*n.deliveriesCPUs.median()/sign)
}
