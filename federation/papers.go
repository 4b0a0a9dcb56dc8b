package federation

import (
	"context"
	"encoding/json"
	"fmt"

	"drystone/community"
	"drystone/fault"
	"drystone/federation/as"
	"drystone/service/portability"
	"drystone/storage"
)

// Papers write what people of this server said as it is said to other servers,
// for the archives that they take with them.
func (s *Server) Papers() portability.Papers {
	return portability.Papers{
		Person: s.personPaper, Posts: s.postPapers, Comments: s.commentPapers, Vote: s.votePaper, Messages: s.messagePapers,
	}
}

func (s *Server) personPaper(ctx context.Context, who *community.Actor) (json.RawMessage, error) {
	d, err := s.described(ctx, s.DB, who)
	if err != nil {
		return nil, err
	}
	return d.Marshal()
}

func (s *Server) postPapers(ctx context.Context, posts []*community.Post) ([]json.RawMessage, error) {
	actors, err := actorsOf(ctx, s.DB, posts)
	if err != nil {
		return nil, err
	}
	list := make([]json.RawMessage, 0, len(posts))
	for _, post := range posts {
		create, err := s.createOf(ctx, post, actors)
		if err != nil {
			return nil, err
		}
		list = append(list, create)
	}
	return list, nil
}

func (s *Server) commentPapers(ctx context.Context, comments []*community.Comment) ([]json.RawMessage, error) {
	list := make([]json.RawMessage, 0, len(comments))
	for _, c := range comments {
		create, err := s.commentPaper(ctx, c)
		if err != nil {
			return nil, err
		}
		list = append(list, create)
	}
	return list, nil
}

func (s *Server) commentPaper(ctx context.Context, c *community.Comment) (json.RawMessage, error) {
	note, author, group, err := s.wholeNote(ctx, c)
	if err != nil {
		return nil, err
	}
	object, err := note.Marshal()
	if err != nil {
		return nil, err
	}
	sc := scene{by: author, group: group, at: c.ArrivedAt}
	body, err := as.Create(sc.envelope(s.activityIRI(as.KindCreate, fmt.Sprintf("comment-%d", c.ID)), as.WithoutContext(object))).Marshal()
	return as.WithoutContext(body), err
}

func (s *Server) votePaper(voter *community.Actor, v *storage.CastVote) (json.RawMessage, error) {
	a := as.Activity{ID: v.IRI, Actor: voter.IRI, Object: as.ObjectID(v.ObjectIRI), To: []string{as.Public}, CC: []string{}, Published: v.CreatedAt}
	var d document = as.Like(a)
	if v.Value < 0 {
		d = as.Dislike(a)
	}
	body, err := d.Marshal()
	return as.WithoutContext(body), err
}

func (s *Server) messagePapers(ctx context.Context, messages []*community.Message) ([]json.RawMessage, error) {
	var ids []community.ActorID
	for _, m := range messages {
		ids = append(ids, m.SenderID, m.RecipientID)
	}
	actors, err := s.DB.Actors(ctx, ids)
	if err != nil {
		return nil, err
	}
	list := make([]json.RawMessage, 0, len(messages))
	for _, m := range messages {
		by, to := actors[m.SenderID], actors[m.RecipientID]
		if by == nil || to == nil {
			return nil, fault.New(fault.Internal, "Message %d has lost one of the two.", m.ID)
		}
		body, err := as.Note(as.Post{
			ID: m.IRI, AttributedTo: by.IRI, To: []string{to.IRI}, CC: []string{}, Content: s.outward(m.HTML), Source: s.source(m.Body),
			Published: m.CreatedAt, Updated: m.EditedAt,
		}).Marshal()
		if err != nil {
			return nil, err
		}
		list = append(list, as.WithoutContext(body))
	}
	return list, nil
}

// Locate returns the person, group or feed that an address or handle stands
// for.
func (s *Server) Locate(ctx context.Context, reader *community.Actor, query string) (*community.Actor, error) {
	found, err := s.Resolve(ctx, reader, query)
	switch {
	case err != nil:
		return nil, err
	case found.Group != nil:
		return found.Group.Actor, nil
	case found.Person != nil:
		return found.Person, nil
	case found.Feed != nil:
		return found.Feed.Actor, nil
	}
	return nil, fault.New(fault.Invalid, "%.200q is no person, group or feed.", query)
}
