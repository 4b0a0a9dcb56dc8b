package main

import (
	"context"
	"errors"
	"mime"
	"net/http"
	"strings"

	"drystone/config"
	"drystone/fault"
	"drystone/federation/guard"
	"drystone/service/media"
)

// mostPicture is the largest picture of another server that is fetched.
const mostPicture = 8 << 20

// fetches makes what asks other servers for pictures to show here, and for
// what the pages are about that people link to.
func fetches(c config.Config) (picture, page media.Fetch, err error) {
	if c.PictureCache == 0 {
		return nil, nil, nil
	}
	large, err := waryOf(c, mostPicture)
	if err != nil {
		return nil, nil, err
	}
	client, err := wary(c)
	if err != nil {
		return nil, nil, err
	}
	return fetchPicture(large), fetchPage(client), nil
}

// fetchPicture fetches what says that it is a picture. What it is, whoever
// reads it finds out.
func fetchPicture(client *guard.Client) media.Fetch {
	return func(ctx context.Context, address, etag string) (*media.Fetched, error) {
		known := func(r *http.Request) error {
			if etag != "" {
				r.Header.Set("If-None-Match", etag)
			}
			return nil
		}
		resp, err := client.Get(ctx, address, "image/webp, image/png, image/jpeg, image/gif;q=0.9", known)
		var status *guard.StatusError
		if etag != "" && errors.As(err, &status) && status.Status == http.StatusNotModified {
			return &media.Fetched{Same: true}, nil
		}
		if err != nil {
			return nil, err
		}
		kind, _, err := mime.ParseMediaType(resp.ContentType)
		if err != nil || !strings.HasPrefix(kind, "image/") && kind != "application/octet-stream" {
			return nil, fault.New(fault.Invalid, "%s is no picture.", address)
		}
		return &media.Fetched{Body: resp.Body, Etag: tag(resp.Header), URL: resp.URL}, nil
	}
}

// tag is by what a server knows the state of a file, if it is short enough to
// keep.
func tag(h http.Header) string {
	if etag := h.Get("ETag"); len(etag) <= 200 {
		return etag
	}
	return ""
}

// fetchPage fetches a page, JSON about one, or learns that there is a picture.
func fetchPage(client *guard.Client) media.Fetch {
	return func(ctx context.Context, address, _ string) (*media.Fetched, error) {
		resp, err := client.Get(ctx, address, "text/html, application/xhtml+xml;q=0.9, application/json;q=0.8, image/*;q=0.5", nil)
		if err != nil {
			return nil, err
		}
		got := &media.Fetched{Body: resp.Body, URL: resp.URL}
		for _, robots := range resp.Header.Values("X-Robots-Tag") {
			got.Unlisted = got.Unlisted || media.Unwilling(robots)
		}
		kind, _, err := mime.ParseMediaType(resp.ContentType)
		switch {
		case err != nil:
		case strings.HasPrefix(kind, "image/") && kind != "image/svg+xml":
			got.Picture = true
			return got, nil
		case kind == "text/html", kind == "application/xhtml+xml", kind == "application/json":
			return got, nil
		}
		return nil, fault.New(fault.Invalid, "%s is no page.", address)
	}
}
