package federation

import (
	"context"

	"drystone/fault"
	"drystone/federation/as"
)

// undoAnnounce handles a group's Undo of what it announced: NodeBB and
// Discourse take a post out of a category so. To us the group has removed it.
// Boosts by people are not shown here, so their end means nothing either.
func (s *Server) undoAnnounce(ctx context.Context, r *received, inner as.Doc) error {
	if r.via != nil {
		return fault.New(fault.Invalid, "An Undo of an Announce is for who announced to say.")
	}
	group, err := s.DB.ActorByIRI(ctx, r.actor)
	if err != nil {
		return err
	}
	if !group.IsGroup() {
		return fault.New(fault.Invalid, "%s is no group: boosts by people are not shown here, nor is their end.", r.actor)
	}
	id := inner.Ref("object")
	if announced, ok := inner.Embedded("object"); ok && as.Known(announced.Kind()) && announced.Actor() != "" {
		if announced.Kind() != as.KindCreate {
			return fault.New(fault.Invalid, "An Announce of %.60q is nothing that could be taken back.", announced.Kind())
		}
		id = announced.Ref("object")
	}
	found, err := s.find(ctx, id)
	if err != nil {
		return err
	}
	withdrawn := &received{doc: r.doc, actor: r.actor, via: group}
	if err := found.within(withdrawn); err != nil {
		return err
	}
	return s.takeOut(ctx, withdrawn, id, found)
}
