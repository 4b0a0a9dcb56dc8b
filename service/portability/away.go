package portability

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"drystone/community"
	"drystone/fault"
)

// Away is something that somebody keeps away, or no longer.
type Away struct {
	Kind   community.BlockKind
	Mute   bool
	Lift   bool // it is kept away no more
	Target *community.Actor
	Host   string
	Words  string
	Whole  bool
	Places community.Place
	Until  time.Time
	Note   string
}

// kept is something that somebody keeps away, as blocks.json has it, and as
// the detail of a line.
type kept struct {
	Kind    community.BlockKind `json:"kind"`
	Mute    bool                `json:"mute"`
	Target  string              `json:"target,omitempty"` // the id of a person or group
	Address string              `json:"address,omitempty"`
	Server  string              `json:"server,omitempty"`
	Words   string              `json:"words,omitempty"`
	Whole   bool                `json:"whole_words,omitempty"`
	Places  community.Place     `json:"places,omitempty"` // 1 feeds, 2 threads, 4 notifications, 8 messages, added up
	Until   *time.Time          `json:"until,omitempty"`
	Note    string              `json:"note,omitempty"`
	Since   string              `json:"since,omitempty"`
}

func (s *Service) keptOf(b *community.BlockView) kept {
	k := kept{
		Kind: b.Kind, Mute: b.Mute, Server: b.Host, Words: b.Words, Whole: b.Whole, Places: b.Places, Note: b.Note, Since: stamp(b.CreatedAt),
	}
	if b.Target != nil {
		k.Target, k.Address = b.Target.IRI, s.address(b.Target)
	}
	if !b.Until.IsZero() {
		until := b.Until.UTC()
		k.Until = &until
	}
	return k
}

func (s *Service) blocks(ctx context.Context, x *exporting, _ int64) ([][]byte, int64, bool, error) {
	list, err := s.DB.AllBlocks(ctx, x.who.ID, s.now())
	if err != nil {
		return nil, 0, false, err
	}
	rows, err := compact(list, s.keptOf)
	return rows, 0, false, err
}

// keptAway writes those of the things kept away that a list of Mastodon's has.
func (s *Service) keptAway(row func(s *Service, b *community.BlockView) []byte) stage {
	return func(ctx context.Context, x *exporting, _ int64) (rows [][]byte, _ int64, _ bool, err error) {
		list, err := s.DB.AllBlocks(ctx, x.who.ID, s.now())
		for _, b := range list {
			if line := row(s, b); line != nil {
				rows = append(rows, line)
			}
		}
		return rows, 0, false, err
	}
}

func blockedAccount(s *Service, b *community.BlockView) []byte {
	if b.Kind != community.BlockPerson || b.Mute || b.Target == nil {
		return nil
	}
	return record(s.address(b.Target))
}

func mutedAccount(s *Service, b *community.BlockView) []byte {
	if b.Kind != community.BlockPerson || !b.Mute || b.Target == nil {
		return nil
	}
	return record(s.address(b.Target), "true")
}

func blockedDomain(_ *Service, b *community.BlockView) []byte {
	if b.Kind != community.BlockServer {
		return nil
	}
	return record(b.Host)
}

// fromBlocks reads what was kept away elsewhere.
func (r *reading) fromBlocks(name, text string) error {
	var list []kept
	if err := json.Unmarshal([]byte(text), &list); err != nil {
		return wrong(name, jsonLine(text, err), "this is no list of what somebody keeps away.")
	}
	for i, k := range list {
		l := community.ImportLine{File: name, Target: k.Target}
		switch k.Kind {
		case community.BlockPerson:
			if l.Kind = community.LineBlock; k.Mute {
				l.Kind = community.LineMute
			}
		case community.BlockGroup:
			l.Kind = community.LineBlockGroup
		case community.BlockServer:
			l.Kind, l.Target = community.LineBlockServer, k.Server
		case community.BlockWords:
			l.Kind, l.Target = community.LineWord, k.Words
		default:
			return wrong(name, 0, "entry %d is of a kind that this server does not know.", i+1)
		}
		if len(l.Target) > mostCell || len(k.Note) > mostCell {
			return wrong(name, 0, "entry %d is too long.", i+1)
		}
		k.Target, k.Address, k.Server, k.Words, k.Since = "", "", "", "", ""
		detail, err := json.Marshal(k)
		if err != nil {
			return wrong(name, 0, "entry %d cannot be read.", i+1)
		}
		l.Detail = string(detail)
		if err := r.add(r.checked(l)); err != nil {
			return err
		}
	}
	return nil
}

// away is what a line asks to keep away. Lists of Mastodon and Lemmy say only
// whom.
func away(line *community.ImportLine, whom *community.Actor) (Away, error) {
	k := kept{Mute: line.Kind == community.LineMute, Places: community.Everywhere}
	if strings.HasPrefix(line.Detail, "{") {
		if err := json.Unmarshal([]byte(line.Detail), &k); err != nil {
			return Away{}, fault.Because(err, fault.Invalid, "This line cannot be read any more.")
		}
	}
	a := Away{Mute: k.Mute, Target: whom, Whole: k.Whole, Places: k.Places, Note: k.Note}
	if k.Until != nil {
		a.Until = *k.Until
	}
	switch line.Kind {
	case community.LineBlockServer:
		a.Kind, a.Host = community.BlockServer, line.Target
	case community.LineWord:
		a.Kind, a.Words = community.BlockWords, line.Target
	case community.LineBlockGroup:
		a.Kind = community.BlockGroup
	default:
		a.Kind = community.BlockPerson
	}
	return a, nil
}

func (s *Service) keepAway(ctx context.Context, who *community.Actor, line *community.ImportLine, whom *community.Actor) (community.Outcome, error) {
	a, err := away(line, whom)
	if err != nil {
		return "", err
	}
	switch {
	case !a.Until.IsZero() && !s.now().Before(a.Until):
		return community.Already, nil // it is over
	case a.Kind == community.BlockPerson && !whom.IsPerson(), a.Kind == community.BlockGroup && !whom.IsGroup():
		return community.Unsupported, fault.New(fault.Invalid, "%s is something else than the list says.", whom.Handle())
	}
	was, err := s.wasAway(ctx, who, a)
	if err != nil || was {
		return community.Already, err
	}
	return community.Done, s.Actions.KeepAway(ctx, who, a)
}

// wasAway reports whether something is kept away in the same way already.
func (s *Service) wasAway(ctx context.Context, who *community.Actor, a Away) (bool, error) {
	if a.Kind == community.BlockWords {
		list, err := s.DB.AllBlocks(ctx, who.ID, s.now())
		for _, b := range list {
			if b.Kind == a.Kind && b.Folded == community.Fold(a.Words) {
				return true, err
			}
		}
		return false, err
	}
	target := community.ActorID(0)
	if a.Target != nil {
		target = a.Target.ID
	}
	b, err := s.DB.BlockOf(ctx, who.ID, a.Kind, target, a.Host)
	return b != nil && !b.Over(s.now()) && (b.Mute == a.Mute || !b.Mute), err
}

// unlisted are lines for what somebody keeps away and what is not in the lists,
// where these say anything of what is kept away. Words stay: no list but ours
// has them.
func (s *Service) unlisted(ctx context.Context, who *community.Actor, lines []*community.ImportLine) (lifting []*community.ImportLine, err error) {
	listed, kinds := map[string]bool{}, map[community.BlockKind]bool{}
	for _, l := range lines {
		switch l.Kind {
		case community.LineBlock, community.LineMute:
			kinds[community.BlockPerson], listed[s.plainAddress(l.Target)] = true, true
		case community.LineBlockGroup:
			kinds[community.BlockGroup], listed[s.plainAddress(l.Target)] = true, true
		case community.LineBlockServer:
			kinds[community.BlockServer], listed[l.Target] = true, true
		}
	}
	if len(kinds) == 0 {
		return nil, nil
	}
	list, err := s.DB.AllBlocks(ctx, who.ID, s.now())
	for _, b := range list {
		k := s.keptOf(b)
		if !kinds[b.Kind] || k.Server != "" && listed[k.Server] || k.Target != "" && (listed[k.Target] || listed[s.plainAddress(k.Address)]) {
			continue
		}
		detail, err := json.Marshal(k)
		if err != nil {
			return nil, err
		}
		lifting = append(lifting, &community.ImportLine{Kind: community.LineLift, Target: k.Address + k.Server, Detail: string(detail)})
	}
	return lifting, err
}

// lift lets somebody near again.
func (s *Service) lift(ctx context.Context, who *community.Actor, line *community.ImportLine) (community.Outcome, error) {
	var k kept
	if err := json.Unmarshal([]byte(line.Detail), &k); err != nil {
		return "", fault.Because(err, fault.Invalid, "This line cannot be read any more.")
	}
	a := Away{Kind: k.Kind, Mute: k.Mute, Lift: true, Host: k.Server}
	if k.Target != "" {
		target, err := s.DB.ActorByIRI(ctx, k.Target)
		if err != nil {
			return "", err
		}
		a.Target = target
	}
	return community.Done, s.Actions.KeepAway(ctx, who, a)
}
