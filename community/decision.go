package community

import "time"

// DecisionID names a decision.
type DecisionID int64

// A Decision is one thing that a moderator did, kept for the log that people
// read: facts are forgotten after a while. Kind is that of the fact.
type Decision struct {
	ID        DecisionID `bun:",pk,autoincrement"`
	Kind      FactKind
	ActorID   ActorID
	GroupID   ActorID   `bun:",nullzero"` // none: it is about a whole server
	Host      string    // which one, where it is not this
	TargetID  ActorID   `bun:",nullzero"`
	PostID    PostID    `bun:",nullzero"`
	CommentID CommentID `bun:",nullzero"`
	Reason    string
	Role      string    // its name, where it is about one
	Until     time.Time `bun:",nullzero"`
	CreatedAt time.Time
}

// A DecisionView is a decision as one reader of a log sees it.
type DecisionView struct {
	*Decision
	By      *Actor // only for those who moderate
	Target  *Actor
	Post    *Post
	Comment *Comment
}

// AboutGrant is the decision that somebody was given a role, or has it no more.
func AboutGrant(kind FactKind, by ActorID, g *RoleGrant) *Decision {
	return &Decision{Kind: kind, ActorID: by, GroupID: g.GroupID, TargetID: g.ActorID, Role: g.Role.Name, Until: g.EndsAt}
}
