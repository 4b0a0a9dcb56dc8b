package main

import (
	"context"
	"fmt"
	"mime"
	"net/http"
	"time"

	"drystone/config"
	"drystone/fault"
	"drystone/federation/guard"
	"drystone/service/profiles"
	"drystone/storage"
)

// wary makes the client for every request that a stranger can steer.
func wary(c config.Config) (*guard.Client, error) { return waryOf(c, 0) }

// waryOf is wary for larger answers.
func waryOf(c config.Config, most int64) (*guard.Client, error) {
	pool, err := authorities(c.ExtraCA)
	if err != nil {
		return nil, err
	}
	development := c.Scheme == "http" || len(c.AllowRanges) > 0
	return guard.New(guard.Options{
		AllowRanges: c.AllowRanges, AllowHTTP: c.Scheme == "http", AllowPorts: development, ExtraCA: pool, MaxBody: most,
		UserAgent: fmt.Sprintf("Drystone/%s (+%s/)", version, c.Origin()),
	}), nil
}

// biographer keeps what people say about themselves, and looks at the pages
// that they say are theirs.
func biographer(c config.Config, db *storage.DB, now func() time.Time) (*profiles.Service, error) {
	client, err := wary(c)
	if err != nil {
		return nil, err
	}
	return profiles.New(profiles.Options{DB: db, Origin: c.Origin(), Now: now, Fetch: pages(client)})
}

// pages reads web pages, and nothing else that may be at an address.
func pages(client *guard.Client) func(context.Context, string) ([]byte, error) {
	return func(ctx context.Context, url string) ([]byte, error) {
		resp, err := client.Get(ctx, url, "text/html, application/xhtml+xml;q=0.9", nil)
		if err != nil {
			return nil, err
		}
		kind, _, err := mime.ParseMediaType(resp.ContentType)
		if err != nil || kind != "text/html" && kind != "application/xhtml+xml" {
			return nil, fault.New(fault.Invalid, "%s is no page.", url)
		}
		return resp.Body, nil
	}
}

// ringer posts to the addresses that browsers name, which anybody could have
// made up.
func ringer(c config.Config) (func(context.Context, string, http.Header, []byte) (int, error), error) {
	client, err := wary(c)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, url string, header http.Header, body []byte) (int, error) {
		resp, err := client.Post(ctx, url, "application/octet-stream", body, func(r *http.Request) error {
			for name, values := range header {
				r.Header[name] = values
			}
			return nil
		})
		if resp == nil {
			return 0, err
		}
		return resp.Status, err
	}, nil
}
