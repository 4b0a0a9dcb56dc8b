// Package instance tells what this server is: its name, how people come to it,
// and how much lives on it. What its administrators may settle while it runs is
// kept here, in the database; what belongs to the machine it runs on belongs to
// config.
package instance

import (
	"context"
	"sync"
	"time"

	"drystone/community"
	"drystone/fault"
	"drystone/storage"
)

// Service holds what is asked for.
type Service struct {
	DB      *storage.DB
	Name    string
	Host    string
	Version string
	Mail    bool               // can send mail
	Start   community.JoinMode // who may come until somebody settles it; open where it is empty
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
	Mail                            bool
	Mode                            community.JoinMode
	Empty                           bool // no group lives here yet
	People, Groups, Posts, Comments int64
}

// About returns what anybody may know. Counts may be some seconds old, but a
// server that has its first group is not called empty, and who may come is
// always what was settled last, by any process.
func (s *Service) About(ctx context.Context) (_ About, err error) {
	defer fault.Wrap(&err, "instance.About")
	s.mu.Lock()
	defer s.mu.Unlock()
	joining, err := s.Joining(ctx, s.DB)
	if err != nil {
		return About{}, err
	}
	if s.counted != nil && !s.counted.Empty && s.Now().Before(s.until) {
		about := *s.counted
		about.Mode = joining.Mode
		return about, nil
	}
	about := About{Name: s.Name, Host: s.Host, Version: s.Version, Mail: s.Mail, Mode: joining.Mode}
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
