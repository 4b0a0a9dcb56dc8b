package as

import "strings"

// The types that this server has a word for: those of ActivityStreams 2.0
// that peers use, and what peers added.
const (
	KindAccept          = "Accept"
	KindAdd             = "Add"
	KindAnnounce        = "Announce"
	KindBlock           = "Block"
	KindChooseAnswer    = "ChooseAnswer" // PieFed
	KindCreate          = "Create"
	KindDelete          = "Delete"
	KindDislike         = "Dislike"
	KindEmojiReact      = "EmojiReact" // FEP-c0e0
	KindFlag            = "Flag"
	KindFollow          = "Follow"
	KindJoin            = "Join"
	KindLeave           = "Leave"
	KindLike            = "Like"
	KindLock            = "Lock" // Lemmy
	KindMove            = "Move"
	KindPollVote        = "PollVote"     // PieFed
	KindQuoteRequest    = "QuoteRequest" // FEP-044f
	KindReject          = "Reject"
	KindRemove          = "Remove"
	KindResolve         = "Resolve" // Lemmy 1.0
	KindTentativeAccept = "TentativeAccept"
	KindTentativeReject = "TentativeReject"
	KindUndo            = "Undo"
	KindUpdate          = "Update"
	KindView            = "View" // PeerTube
	KindWarn            = "Warn" // Lemmy 1.0

	KindApplication  = "Application"
	KindFeed         = "Feed" // PieFed
	KindGroup        = "Group"
	KindOrganization = "Organization"
	KindPerson       = "Person"
	KindService      = "Service"

	KindArticle     = "Article"
	KindAudio       = "Audio"
	KindChatMessage = "ChatMessage" // litepub; Lemmy 0.19, Mbin, PieFed
	KindDocument    = "Document"
	KindEvent       = "Event"
	KindImage       = "Image"
	KindNote        = "Note"
	KindPage        = "Page"
	KindPlace       = "Place"
	KindProfile     = "Profile"
	KindQuestion    = "Question"
	KindTombstone   = "Tombstone"
	KindVideo       = "Video"

	KindVirtualLocation = "VirtualLocation" // of an Event (FEP-8a8e)

	KindConversation = "Conversation" // a topic of early NodeBB

	KindCollection            = "Collection"
	KindCollectionPage        = "CollectionPage"
	KindOrderedCollection     = "OrderedCollection"
	KindOrderedCollectionPage = "OrderedCollectionPage"

	KindCommunityPostTag = "CommunityPostTag" // Lemmy 1.0
	KindEmoji            = "Emoji"            // Mastodon
	KindHashtag          = "Hashtag"
	KindLink             = "Link"
	KindMention          = "Mention"
	KindPropertyValue    = "PropertyValue" // schema.org, by Mastodon

	KindQuoteAuthorization = "QuoteAuthorization" // FEP-044f
)

// origin says where a type comes from.
type origin int

const (
	unknown   origin = iota
	standard         // ActivityStreams 2.0
	extension        // a peer or an FEP
)

var kinds = func() map[string]origin {
	all := make(map[string]origin)
	for word := range wordSet(
		"Accept Add Announce Block Create Delete Dislike Flag Follow Join Leave Like Move Reject Remove",
		"TentativeAccept TentativeReject Undo Update View",
		"Application Group Organization Person Service",
		"Article Audio Document Event Image Note Page Place Profile Question Tombstone Video",
		"Collection CollectionPage OrderedCollection OrderedCollectionPage Link Mention",
	) {
		all[word] = standard
	}
	for word := range wordSet(
		"ChooseAnswer EmojiReact Lock PollVote QuoteAuthorization QuoteRequest Resolve Warn Feed ChatMessage Conversation",
		"CommunityPostTag Emoji Hashtag PropertyValue",
	) {
		all[word] = extension
	}
	return all
}()

// Known reports whether kind is one of the constants of this package.
func Known(kind string) bool { return kinds[kind] != unknown }

// IsActor reports whether kind is one of the five types of actors, or Feed.
func IsActor(kind string) bool {
	switch kind {
	case KindApplication, KindFeed, KindGroup, KindOrganization, KindPerson, KindService:
		return true
	}
	return false
}

// Kind returns the type of d. Of several it returns the first that is known,
// or else the first; "as:Note" and the full IRI are understood as Note.
func (d Doc) Kind() string {
	first := ""
	for _, raw := range elements(d.fields["type"]) {
		kind, ok := unquote(raw)
		if !ok {
			continue
		}
		kind = strings.TrimPrefix(strings.TrimPrefix(kind, NS+"#"), "as:")
		if Known(kind) {
			return kind
		}
		if first == "" {
			first = kind
		}
	}
	return first
}
