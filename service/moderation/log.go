package moderation

import (
	"context"

	"drystone/community"
	"drystone/fault"
)

// Log lists what was decided in a group, newest first, and returns the cursor
// of the next page. Anybody may read what was done and why; by whom is for
// those who moderate there, and for admins.
func (s *Service) Log(ctx context.Context, reader, group *community.Actor, page community.Page) (_ []*community.DecisionView, next string, err error) {
	defer fault.Wrap(&err, "moderation.Log(%s)", group.Handle())
	may, err := s.DB.MayRead(ctx, reader, group.ID)
	if err != nil {
		return nil, "", err
	}
	if !may {
		return nil, "", community.Unseen()
	}
	insider, err := s.insider(ctx, reader, group)
	if err != nil {
		return nil, "", err
	}
	list, next, err := s.DB.Decisions(ctx, group.ID, page)
	if err != nil {
		return nil, "", err
	}
	var actors []community.ActorID
	var posts []community.PostID
	var comments []community.CommentID
	for _, d := range list {
		actors, posts, comments = append(actors, d.ActorID, d.TargetID), append(posts, d.PostID), append(comments, d.CommentID)
	}
	people, err := s.DB.Actors(ctx, actors)
	if err != nil {
		return nil, "", err
	}
	threads, err := s.DB.Posts(ctx, posts)
	if err != nil {
		return nil, "", err
	}
	if err := s.keepElsewhere(ctx, reader, group, threads); err != nil {
		return nil, "", err
	}
	answers, err := s.DB.Comments(ctx, comments)
	if err != nil {
		return nil, "", err
	}
	views := make([]*community.DecisionView, len(list))
	for i, d := range list {
		v := &community.DecisionView{Decision: d, Target: people[d.TargetID], Post: threads[d.PostID], Comment: answers[d.CommentID]}
		if v.Post == nil {
			v.Comment = nil
		}
		if insider {
			v.By = people[d.ActorID]
		}
		views[i] = v
	}
	return views, next, nil
}

// keepElsewhere leaves out threads that moved on to a group whose reader this
// is not.
func (s *Service) keepElsewhere(ctx context.Context, reader, group *community.Actor, threads map[community.PostID]*community.Post) error {
	for id, post := range threads {
		if post.GroupID == group.ID {
			continue
		}
		may, err := s.DB.MayRead(ctx, reader, post.GroupID)
		if err != nil {
			return err
		}
		if !may {
			delete(threads, id)
		}
	}
	return nil
}

// insider reports whether reader may know who decided.
func (s *Service) insider(ctx context.Context, reader, group *community.Actor) (bool, error) {
	if reader == nil {
		return false, nil
	}
	m, err := s.DB.Membership(ctx, group.ID, reader.ID)
	if err != nil || m.May(community.SeeDeciders, s.now()) {
		return err == nil, err
	}
	return s.DB.MayHere(ctx, reader, community.SiteLogs, s.now())
}
