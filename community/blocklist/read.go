package blocklist

import (
	"bytes"
	"slices"
	"strings"
	"unicode/utf8"

	"drystone/fault"
)

// Bounds of a list. One that is larger is not read at all: half of a list is
// another list.
const (
	MaxBytes = 32 << 20
	MaxRows  = 500_000
)

// A Format is how a list is written. The words are stored.
type Format string

// The formats that are read.
const (
	CSV         Format = "csv"          // Mastodon's, GoToSocial's and FediBlockHole's, whatever their columns
	Plain       Format = "plain"        // a name on each line
	MastodonAPI Format = "mastodon"     // GET /api/v1/instance/domain_blocks
	GoToSocial  Format = "gotosocial"   // its export in JSON
	PieFed      Format = "piefed"       // its export
	Lemmy       Format = "lemmy"        // GET /api/v3/federated_instances
	Mbin        Format = "mbin"         // GET /api/defederated
	FIRES       Format = "fires"        // a snapshot, or a page of changes
	Fediseer    Format = "fediseer"     // censures, hesitations or endorsements
	RapidBlock  Format = "rapidblock"   //
	Policy      Format = "policy-rules" // Matrix's moderation policies (MSC2313)
)

// Reading is what is known of a list beside what it says.
type Reading struct {
	Ground *Ground
	// Means is what a list asks for whose rows do not say: of a plain list, of
	// what Fediseer calls censures, hesitations and endorsements. Drop, and for
	// Fediseer Reject, where it is not given.
	Means Level
}

// Read reads a list of any format, which it tells by what is in it. It fails
// if it is none, or too large. Every row is there afterwards, with what
// becomes of it.
func Read(content []byte, how Reading) (*List, error) {
	if len(content) > MaxBytes {
		return nil, fault.New(fault.TooLarge, "The list is larger than %d MiB.", MaxBytes>>20)
	}
	content = bytes.TrimPrefix(content, []byte("\xEF\xBB\xBF"))
	r := &reader{Reading: how, list: &List{}, seen: map[string]int{}}
	var err error
	switch first := bytes.TrimLeft(content, " \t\r\n"); {
	case len(first) == 0:
		return nil, fault.New(fault.Invalid, "The list is empty.")
	case first[0] == '<':
		return nil, fault.New(fault.Invalid, "This is a web page and no list.")
	case !utf8.Valid(content):
		return nil, fault.New(fault.Invalid, "This is no text.")
	case first[0] == '{' || first[0] == '[' && !bytes.HasPrefix(first, []byte("[.")):
		err = r.json(first)
	default:
		err = r.text(content)
	}
	if err != nil {
		return nil, err
	}
	return r.list, nil
}

// A reader collects the rows of a list.
type reader struct {
	Reading
	list *List
	seen map[string]int // rows that count, by what they are about
}

// means is what a row asks for that does not say.
func (r *reader) means(otherwise Level) Level {
	if r.Means != NoLevel {
		return r.Means
	}
	return otherwise
}

// add judges a row and takes it in.
func (r *reader) add(row Row) error {
	if len(r.list.Rows) == MaxRows {
		return fault.New(fault.TooLarge, "The list has more than %d rows.", MaxRows)
	}
	r.judge(&row)
	if row.Reason == Canary {
		r.list.Canaries++
	}
	r.list.Rows = append(r.list.Rows, row)
	return nil
}

// judge says what becomes of a row. What was said of it while it was read, of
// values that nobody understands, stays where the name itself is in order.
func (r *reader) judge(row *Row) {
	said, why := row.Verdict, row.Reason
	row.Verdict, row.Reason = Accepted, ""
	if row.Kind == "" {
		row.Kind = Domain
	}
	if said == Rejected {
		row.reject(why)
		return
	}
	if row.Change == Buries { // is about a change, and names nothing
		if row.ID == "" {
			row.reject(Malformed)
		}
		return
	}
	if row.Verdict, row.Reason = r.name(row); row.Verdict == Rejected {
		r.notice(row)
		return
	}
	if canary(row) {
		row.reject(Canary)
		return
	}
	if said == Held {
		row.hold(why)
	}
	slices.Sort(row.Limits)
	if row.Verdict == Accepted && row.Level == NoLevel && row.Change != Retracts && row.Change != Advises {
		row.reject(NoOpinion)
	}
	r.compare(row)
}

// name finds the one form of what a row is about, and holds back what is not
// for lists to decide.
func (r *reader) name(row *Row) (verdict Verdict, why Reason) {
	if row.Key != "" { // a hidden one that was found
		row.Verdict = Accepted
	}
	switch row.Kind {
	case Domain, LinkDomain:
		if row.Key == "" {
			row.Key, verdict, why = Normalise(row.Raw)
		} else {
			row.Key, verdict, why = Normalise(row.Key)
		}
		if verdict != Rejected {
			if forbidden := r.Ground.Forbids(row.Key); forbidden != "" {
				return Held, forbidden
			}
		}
	case Actor:
		row.Key, verdict, why = actorName(row.Raw)
		if verdict != Rejected && r.Ground.Forbids(hostOf(row.Key)) == Ours {
			return Held, Ours
		}
	default:
		row.Key, verdict, why = otherName(row.Kind, row.Raw)
	}
	return verdict, why
}

// notice tells a canary from other names that nobody has: some lists have a
// row that whoever reads them is to delete.
func (r *reader) notice(row *Row) {
	if (row.Reason == ReservedName || row.Reason == SingleLabel) && canary(row) {
		row.Reason = Canary
	}
}

// canary reports whether a row is there to be noticed, by its label or by what
// it says itself.
func canary(row *Row) bool {
	for _, label := range row.Labels {
		if strings.HasSuffix(strings.ToLower(label), "canary") {
			return true
		}
	}
	comment := strings.ToLower(row.Comment)
	return strings.Contains(comment, "iftas:canary") || strings.Contains(comment, "delete this line") || strings.Contains(comment, "remove this line") ||
		strings.Contains(strings.ToLower(row.Raw), "delete-this-line") || strings.Contains(strings.ToLower(row.Raw), "canary") && row.Reason == ReservedName
}

// compare looks for an earlier row about the same. One that says the same is
// not needed; one that says something else is for people to decide. In a log
// the later one is the one that holds.
func (r *reader) compare(row *Row) {
	if row.Verdict != Accepted || row.Key == "" || row.Change != "" {
		return
	}
	about := string(row.Kind) + " " + row.Key
	before, found := r.seen[about]
	if !found {
		r.seen[about] = len(r.list.Rows)
		return
	}
	if earlier := &r.list.Rows[before]; earlier.Level == row.Level && slices.Equal(earlier.Limits, row.Limits) {
		row.reject(Repeated)
		return
	}
	row.Verdict, row.Reason = Held, Contradicts
}

// uncover finds the host behind a name that is partly hidden. Nothing is ever
// matched against the visible part.
func (r *reader) uncover(row *Row, digest string) {
	if host := r.Ground.Behind(digest); host != "" && strings.ContainsRune(row.Raw, '*') {
		row.Key = host
	}
}

// hostOf is the host of an actor's key.
func hostOf(key string) string {
	if rest, found := strings.CutPrefix(key, "https://"); found {
		host, _, _ := strings.Cut(rest, "/")
		return host
	}
	_, host, _ := strings.Cut(key, "@")
	return host
}
