package community

import (
	"net/url"
	"time"

	"drystone/fault"
)

// PushID names a subscription.
type PushID int64

// A PushSubscription is a browser that rings when somebody is told something,
// as long as they are signed in with it.
type PushSubscription struct {
	ID        PushID `bun:",pk,autoincrement"`
	AccountID AccountID
	SessionID SessionID
	Endpoint  string // where its maker takes messages for it
	P256dh    []byte // its public key
	Auth      []byte // its secret
	CreatedAt time.Time
}

// MaxEndpoint bounds an endpoint's address.
const MaxEndpoint = 2000

// CheckEndpoint reports why text is no endpoint. Where it leads is for whoever
// sends to it to look at: a browser can say anything.
func CheckEndpoint(text string, insecure bool) error {
	u, err := url.Parse(text)
	if err != nil || len(text) > MaxEndpoint || u.Host == "" || u.User != nil || u.Scheme != "https" && (!insecure || u.Scheme != "http") {
		return fault.Field("endpoint", "This is no address at which a browser rings.")
	}
	return nil
}

// JobRing is the kind of the jobs that ring in a browser. They wait beside the
// letters: whoever does not answer holds up nothing else.
const (
	JobRing  = "ring"
	RingLane = LetterLane + letterLanes
	ringOver = 4
)

// A Ring is what a browser is to show.
type Ring struct {
	Title string `json:"title"`
	Body  string `json:"body,omitempty"`
	Path  string `json:"path"`
	Tag   string `json:"tag"` // one with the same takes its place
}

// Lane is where what rings for a subscription waits.
func (id PushID) Lane() int64 { return RingLane + int64(id)%ringOver }
