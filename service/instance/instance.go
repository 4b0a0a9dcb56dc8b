// Package instance tells what this server is: its name, whether it takes new
// people, and how much lives on it. Settings of the server belong to config.
package instance

import (
	"context"
	"sync"
	"time"

	"drystone/fault"
	"drystone/storage"
)

// Service holds what is asked for.
type Service struct {
	DB      *storage.DB
	Name    string
	Host    string
	Version string
	Open    bool // takes new people
	Mail    bool // can send mail
	Now     func() time.Time

	mu      sync.Mutex
	counted *About // what was counted last
	until   time.Time
}

// countedFor is how long counts are believed: every page shows them, and
// nobody minds if they are a little old.
const countedFor = 10 * time.Second

// About is what anybody may know about the server.
type About struct {
	Name, Host, Version             string
	Open                            bool
	Mail                            bool
	Empty                           bool // no group lives here yet
	People, Groups, Posts, Comments int64
}

// About returns what anybody may know. Counts may be some seconds old, but a
// server that has its first group is not called empty.
func (s *Service) About(ctx context.Context) (_ About, err error) {
	defer fault.Wrap(&err, "instance.About")
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.counted != nil && !s.counted.Empty && s.Now().Before(s.until) {
		return *s.counted, nil
	}
	about := About{Name: s.Name, Host: s.Host, Version: s.Version, Open: s.Open, Mail: s.Mail}
	if about.People, about.Groups, err = s.DB.CountLocal(ctx); err != nil {
		return about, err
	}
	if about.Posts, about.Comments, err = s.DB.CountLocalPosts(ctx); err != nil {
		return about, err
	}
	about.Empty = about.Groups == 0
	s.counted, s.until = &about, s.Now().Add(countedFor)
	return about, nil
}

// Ready reports whether the server can answer.
func (s *Service) Ready(ctx context.Context) error { return s.DB.Ping(ctx) }
