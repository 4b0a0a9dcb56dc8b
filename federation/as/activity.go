package as

import (
	"encoding/json"
	"time"

	"github.com/go-fed/activity/streams"
	"github.com/go-fed/activity/streams/vocab"

	"drystone/fault"
)

// An Activity is what all activities have in common. It is written as one of
// the types below, as in Announce{ID: …, Object: received}.
type Activity struct {
	ID    string
	Actor string
	// Object is JSON and is written as it is, byte for byte: what a group
	// received is announced as it came, with the context it came with
	// (FEP-1b12). See ObjectID for a mere id.
	Object json.RawMessage
	// To and CC are arrays whenever they are not nil. Lemmy wants both in
	// everything that goes through a group, and neither in a Like.
	To, CC   []string
	Audience string
	Target   string
	Result   string // of an Accept: what came of it
	Origin   string // of a Move of a thread: the group that it leaves
	// Summary is a moderator's reason. Lemmy takes a Delete that has one,
	// even an empty one, for a removal and not for the author's own wish:
	// hence a pointer.
	Summary     *string
	Content     string // of a Flag: the reason, where Mastodon looks for it
	RemoveData  bool   // of Block and Delete (Lemmy)
	KeepData    bool   // of Delete of a person: removeData is said to be false
	RestoreData bool   // of an Undo of a Block (Lemmy)
	WithReplies bool   // of Delete (Lemmy)
	Published   time.Time
	Updated     time.Time
	Ends        time.Time // of a Block: endTime for Lemmy, expires for Mbin
}

// The activities that we send. Each is an Activity under its own name.
type (
	Accept   Activity
	Add      Activity
	Announce Activity
	Block    Activity
	Create   Activity
	Delete   Activity
	Dislike  Activity
	Flag     Activity
	Follow   Activity
	Like     Activity
	Lock     Activity // Lemmy's
	Move     Activity
	Reject   Activity
	Remove   Activity
	Resolve  Activity // Lemmy's
	Undo     Activity
	Update   Activity
	Warn     Activity // Lemmy's
)

// Marshal writes the document.
func (a Accept) Marshal() ([]byte, error) {
	return Activity(a).marshal(streams.NewActivityStreamsAccept())
}

// Marshal writes the document.
func (a Add) Marshal() ([]byte, error) { return Activity(a).marshal(streams.NewActivityStreamsAdd()) }

// Marshal writes the document.
func (a Announce) Marshal() ([]byte, error) {
	return Activity(a).marshal(streams.NewActivityStreamsAnnounce())
}

// Marshal writes the document.
func (a Block) Marshal() ([]byte, error) {
	return Activity(a).marshal(streams.NewActivityStreamsBlock())
}

// Marshal writes the document.
func (a Create) Marshal() ([]byte, error) {
	return Activity(a).marshal(streams.NewActivityStreamsCreate())
}

// Marshal writes the document.
func (a Delete) Marshal() ([]byte, error) {
	return Activity(a).marshal(streams.NewActivityStreamsDelete())
}

// Marshal writes the document.
func (a Dislike) Marshal() ([]byte, error) {
	return Activity(a).marshal(streams.NewActivityStreamsDislike())
}

// Marshal writes the document.
func (a Flag) Marshal() ([]byte, error) { return Activity(a).marshal(streams.NewActivityStreamsFlag()) }

// Marshal writes the document.
func (a Follow) Marshal() ([]byte, error) {
	return Activity(a).marshal(streams.NewActivityStreamsFollow())
}

// Marshal writes the document.
func (a Like) Marshal() ([]byte, error) { return Activity(a).marshal(streams.NewActivityStreamsLike()) }

// Marshal writes the document, as go-fed's most general activity under
// another name: go-fed has no Lock.
func (a Lock) Marshal() ([]byte, error) {
	return Activity(a).marshalAs(KindLock, streams.NewActivityStreamsActivity())
}

// Marshal writes the document.
func (a Move) Marshal() ([]byte, error) { return Activity(a).marshal(streams.NewActivityStreamsMove()) }

// Marshal writes the document.
func (a Reject) Marshal() ([]byte, error) {
	return Activity(a).marshal(streams.NewActivityStreamsReject())
}

// Marshal writes the document.
func (a Remove) Marshal() ([]byte, error) {
	return Activity(a).marshal(streams.NewActivityStreamsRemove())
}

// Marshal writes the document; go-fed has no Resolve.
func (a Resolve) Marshal() ([]byte, error) {
	return Activity(a).marshalAs(KindResolve, streams.NewActivityStreamsActivity())
}

// Marshal writes the document.
func (a Undo) Marshal() ([]byte, error) { return Activity(a).marshal(streams.NewActivityStreamsUndo()) }

// Marshal writes the document.
func (a Update) Marshal() ([]byte, error) {
	return Activity(a).marshal(streams.NewActivityStreamsUpdate())
}

// Marshal writes the document; go-fed has no Warn.
func (a Warn) Marshal() ([]byte, error) {
	return Activity(a).marshalAs(KindWarn, streams.NewActivityStreamsActivity())
}

// ObjectID is an object that is only named.
func ObjectID(id string) json.RawMessage {
	raw, _ := json.Marshal(id) // a string always marshals
	return raw
}

// ObjectIDs is a list of objects that are only named: what Mastodon wants of
// a Flag.
func ObjectIDs(ids ...string) json.RawMessage {
	raw, _ := json.Marshal(append([]string{}, ids...))
	return raw
}

// activityType is what go-fed's activities have in common.
type activityType interface {
	vocab.Type
	named
	addressed
	SetActivityStreamsActor(vocab.ActivityStreamsActorProperty)
	SetActivityStreamsTarget(vocab.ActivityStreamsTargetProperty)
	SetActivityStreamsContent(vocab.ActivityStreamsContentProperty)
	SetActivityStreamsEndTime(vocab.ActivityStreamsEndTimeProperty)
}

func (a Activity) marshal(typed activityType) ([]byte, error) {
	return a.marshalAs(typed.GetTypeName(), typed)
}

func (a Activity) marshalAs(kind string, typed activityType) (_ []byte, err error) {
	defer fault.Wrap(&err, "as.%s(%s)", kind, a.ID)

	if len(a.Object) == 0 {
		return nil, fault.New(fault.Internal, "An activity needs an object.")
	}
	b := newBuilder(typed)
	b.id(a.ID)
	b.name(typed, naming{published: a.Published, updated: a.Updated})
	b.address(typed, a.To, a.CC, a.Audience)
	one(b, a.Actor, streams.NewActivityStreamsActorProperty(), typed.SetActivityStreamsActor)
	one(b, a.Target, streams.NewActivityStreamsTargetProperty(), typed.SetActivityStreamsTarget)
	text(a.Content, streams.NewActivityStreamsContentProperty(), typed.SetActivityStreamsContent)
	moment(a.Ends, streams.NewActivityStreamsEndTimeProperty(), typed.SetActivityStreamsEndTime)
	if !a.Ends.IsZero() {
		b.over["expires"] = timestamp(a.Ends.Truncate(time.Second))
	}
	b.extra("origin", a.Origin)
	if a.Summary != nil {
		b.over["summary"] = *a.Summary
	}
	for key, set := range map[string]bool{"removeData": a.RemoveData, "restoreData": a.RestoreData, "withReplies": a.WithReplies} {
		if set {
			b.over[key] = true
		}
	}
	if a.KeepData {
		b.over["removeData"] = false
	}
	b.extra("result", a.Result)
	b.over["object"] = a.Object
	b.holds(a.Object)
	b.over["type"] = kind
	return b.marshal()
}
