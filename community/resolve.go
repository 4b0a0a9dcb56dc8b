package community

// Resolved is what an address or a handle from anywhere turned out to be:
// one of its fields is set.
type Resolved struct {
	Post    *PostView
	Comment *CommentView
	Group   *Group
	Person  *Actor
	Feed    *Feed
}
