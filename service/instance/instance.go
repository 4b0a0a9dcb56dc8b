// Package instance tells what this server is: its name, whether it takes new
// people, and how much lives on it. Settings of the server belong to config.
package instance

import (
	"context"

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
}

// About is what anybody may know about the server.
type About struct {
	Name, Host, Version             string
	Open                            bool
	Empty                           bool // no group lives here yet
	People, Groups, Posts, Comments int64
}

// About returns what anybody may know.
func (s *Service) About(ctx context.Context) (_ *About, err error) {
	defer fault.Wrap(&err, "instance.About")
	about := &About{Name: s.Name, Host: s.Host, Version: s.Version, Open: s.Open}
	if about.People, about.Groups, err = s.DB.CountLocal(ctx); err != nil {
		return nil, err
	}
	if about.Posts, about.Comments, err = s.DB.CountLocalPosts(ctx); err != nil {
		return nil, err
	}
	about.Empty = about.Groups == 0
	return about, nil
}

// Ready reports whether the server can answer.
func (s *Service) Ready(ctx context.Context) error { return s.DB.Ping(ctx) }
