package community

import (
	"net/url"
	"regexp"
	"strings"
	"time"

	"drystone/fault"
)

// PostID names a post.
type PostID int64

// PostKind is what a post is made of. The words are stored.
type PostKind string

// The kinds of post.
const (
	TextPost  PostKind = "text"
	LinkPost  PostKind = "link"
	PollPost  PostKind = "poll"
	EventPost PostKind = "event"
	ImagePost PostKind = "image" // pictures, films or sounds beside a text
	VideoPost PostKind = "video" // from elsewhere only
)

// of is the kind of a post that is known to be special, or else that of one
// with this link.
func (k PostKind) of(link string) PostKind {
	switch {
	case k == PollPost || k == EventPost || k == VideoPost:
		return k
	case link != "":
		return LinkPost
	case k == ImagePost:
		return ImagePost
	}
	return TextPost
}

// Bounds of what people write, in characters.
const (
	MaxTitle = 200
	MaxBody  = 50_000
	MaxLink  = 2048
)

// A Post is something an actor said in a group, here or on another server.
type Post struct {
	ID        PostID `bun:",pk,autoincrement"`
	IRI       string // its id in the fediverse; never changes
	GroupID   ActorID
	AuthorID  ActorID
	Kind      PostKind
	Title     string
	Body      string // Markdown; plain text where a remote author gave none
	HTML      string // sanitised
	Link      string
	URL       string // the page for people at its home; IRI when empty
	Language  string
	Sensitive bool
	Duration  int64     // of a film, in seconds
	Question  bool      // it asks something that a comment can answer
	AnswerID  CommentID `bun:",nullzero"` // what its author or a moderator says answers it
	Local     bool      // the group is ours

	Ups           int64
	Downs         int64
	Score         int64
	CommentCount  int64
	Born          float64 // hours since Epoch, for the ranks
	Stirred       float64 // hours since Epoch of the last answer that counts
	Answered      float64 // hours since Epoch of the first answer of somebody else, or 0
	HotGroup      float64
	HotAll        float64
	Active        float64
	Crowd         float64 // how full its group was when it came; see Crowd
	Scaled        float64
	Controversial float64 // 0: nobody quarrels about it

	Raw           []byte `json:"-"` // a remote object as received
	CreatedAt     time.Time
	ArrivedAt     time.Time // when we learned of it
	EditedAt      time.Time `bun:",nullzero"`
	DeletedAt     time.Time `bun:",nullzero"` // by its author
	RemovedAt     time.Time `bun:",nullzero"` // by a moderator
	RemovedBy     ActorID   `bun:",nullzero"`
	RemovedReason string
	RemovedIn     DecisionID `bun:",nullzero"` // what took it down, with whatever else it did
	LockedAt      time.Time  `bun:",nullzero"`
	FeaturedAt    time.Time  `bun:",nullzero"`
}

// Subject is the post as a subject of votes and counters.
func (p *Post) Subject() Subject { return Subject{SubjectPost, int64(p.ID)} }

// Hidden reports whether the post is shown to nobody but moderators.
func (p *Post) Hidden() bool { return !p.DeletedAt.IsZero() || !p.RemovedAt.IsZero() }

// MayAnswer reports why nobody may comment on the post.
func (p *Post) MayAnswer() error {
	switch {
	case p.Hidden():
		return fault.New(fault.NotFound, "This post is gone.")
	case !p.LockedAt.IsZero():
		return fault.New(fault.Forbidden, "This thread is locked.")
	}
	return nil
}

// Check reports what is wrong with what a local author wrote.
func (p *Post) Check() error {
	p.Title = strings.Join(strings.Fields(p.Title), " ")
	p.Link = strings.TrimSpace(p.Link)
	if p.Title == "" {
		return fault.Field("title", "A post needs a title.")
	}
	if err := checkText("title", "The title", p.Title, MaxTitle); err != nil {
		return err
	}
	if err := checkText("body", "The text", p.Body, MaxBody); err != nil {
		return err
	}
	if err := checkLanguage(p.Language); err != nil {
		return err
	}
	p.Kind = p.Kind.of(p.Link)
	if p.Kind == EventPost && p.Link != "" {
		return fault.Field("link", "An event has a link of its own: write it there.")
	}
	return checkLink("link", p.Link)
}

// languageTag is the form of the tags by which languages go (BCP 47).
var languageTag = regexp.MustCompile(`^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$`)

func checkLanguage(tag string) error {
	if tag == "" || len(tag) <= 35 && languageTag.MatchString(tag) {
		return nil
	}
	return fault.Field("language", "A language is named by its tag, like en or pt-BR.")
}

func checkLink(field, link string) error {
	if link == "" {
		return nil
	}
	u, err := url.Parse(link)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return fault.Field(field, "A link begins with https:// or http:// and names a page.")
	}
	if len(link) > MaxLink {
		return fault.Field(field, "The link has %d characters; at most %d are allowed.", len(link), MaxLink)
	}
	return nil
}

// Sort orders posts or comments. The words are part of the API.
type Sort string

// The orders.
const (
	Hot    Sort = "hot"
	New    Sort = "new"
	Top    Sort = "top"
	Active Sort = "active" // posts only
	Old    Sort = "old"    // comments only

	// Of posts only.
	Controversial Sort = "controversial" // what people vote on both ways
	Scaled        Sort = "scaled"        // hot, with what busy groups say weighing less
	Oldest        Sort = "oldest"
	Unanswered    Sort = "unanswered" // what nobody answered yet, and can, newest first
)

// PostSorts are the orders of posts.
var PostSorts = []Sort{Hot, Active, New, Top, Controversial, Scaled, Oldest, Unanswered}

// Windowed reports whether an order is of a stretch of time.
func (s Sort) Windowed() bool { return s == Top || s == Controversial }

// Within says how young the posts of a windowed order are. The words are part
// of the API.
type Within string

// Windows are the stretches of time, in hours; none for all that there is.
var Windows = map[Within]float64{
	"hour": 1, "six_hours": 6, "day": 24, "week": 7 * 24, "month": 30 * 24, "year": 365 * 24, "all": 0,
}

// Since is the hour after which posts are born that are within a stretch of
// time before now; 0 for all.
func (w Within) Since(now time.Time) float64 {
	if hours := Windows[w]; hours > 0 {
		return Hours(now) - hours
	}
	return 0
}

// A PostView is a post as one reader sees it.
type PostView struct {
	*Post
	Author  *Actor
	Group   *Actor
	MyVote  int
	Reading *Reading // how far the reader read; nil: not at all
	Saved   bool
	Poll    *PollView
	Event   *Event
	Quotes  *CitationView // nil: nothing
	Media   []*Attachment // beside its text
	Preview *Preview      // of what it links to; nil: nothing is known
	Can     Can
	Veil    Veil

	Backfill *Backfill // of a thread that lives elsewhere, where one post is asked for; nil if nobody asked its server
}

// Can is what one reader may do with a post or comment.
type Can struct {
	Edit     bool
	Delete   bool
	Remove   bool // as a moderator
	Moderate bool // any of what follows
	Lock     bool
	Feature  bool
	Mark     bool
	Move     bool
	Ban      bool // its author
	Warn     bool
	Reply    bool
	Vote     bool
	See      bool // the text of what was removed
	Answer   bool // choose the comment that answers a post
}

// Fit cuts what a remote author wrote to what we keep: other servers have
// other bounds, and a post is not refused for its length.
func (p *Post) Fit() {
	p.Title = cut(strings.Join(strings.Fields(clean(p.Title)), " "), MaxTitle)
	if p.Title == "" {
		p.Title = "…"
	}
	p.Body = cut(clean(p.Body), MaxBody)
	if checkLink("link", p.Link) != nil {
		p.Link = ""
	}
	p.Kind = p.Kind.of(p.Link)
}

// clean drops what no database keeps.
func clean(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "�"), "\x00", "")
}

// cut shortens s to at most n characters.
func cut(s string, n int) string {
	count := 0
	for i := range s {
		if count == n {
			return s[:i]
		}
		count++
	}
	return s
}
