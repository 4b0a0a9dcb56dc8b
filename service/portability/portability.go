// Package portability is how people take what is theirs with them: an archive
// of everything, written in the background, and lists from here, from Mastodon
// and from Lemmy, read and gone through at a polite speed.
//
// What belongs to whom is asked from storage. How it is said to other servers
// is federation's to know, which comes in as Papers; joining a group or
// blocking somebody belongs to the slices that own those rules, and comes in
// as functions.
package portability

import (
	"context"
	"encoding/json"
	"io"
	"time"

	"drystone/community"
	"drystone/storage"
)

// Papers write what somebody of this server said as Activity Streams. Each
// returns as many documents as it was given things, in order.
type Papers struct {
	Person   func(ctx context.Context, who *community.Actor) (json.RawMessage, error)
	Posts    func(ctx context.Context, posts []*community.Post) ([]json.RawMessage, error)
	Comments func(ctx context.Context, comments []*community.Comment) ([]json.RawMessage, error)
	Vote     func(voter *community.Actor, vote *storage.CastVote) (json.RawMessage, error)
	Messages func(ctx context.Context, messages []*community.Message) ([]json.RawMessage, error)
}

// A Document is a JSON file of the archive that another slice of the service
// knows how to write.
type Document struct {
	Name  string // "consents.json"
	About string // one line, for README.txt
	Write func(ctx context.Context, account *community.Account, who *community.Actor) (any, error)
}

// A Service is the use cases around taking things along. Its fields but DB,
// Origin, Host and Now may be set after it is made.
type Service struct {
	DB     *storage.DB
	Origin string // scheme://host of this server
	Host   string // as in handles
	Name   string // what people call this server
	Now    func() time.Time

	Papers    Papers
	Documents []Document
	Open      func(ctx context.Context, name string) (io.ReadCloser, error) // a file that somebody uploaded; NotFound where it is gone
	Actions   Actions
	Pace      time.Duration // how long a server is left alone between two questions; 0: DefaultPace
}

func (s *Service) now() time.Time { return community.Timestamp(s.Now()) }
