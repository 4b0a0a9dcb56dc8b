package blocklist

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// fires reads a snapshot or a page of changes of a FIRES data set. Its
// documents and its server do not agree on how kinds of entities are written
// and what a collection is called; both are read.
func (r *reader) fires(doc object) error {
	r.list.Format = FIRES
	r.list.Updated, r.list.Next = doc.text("updated"), doc.text("changes", "next")
	items := doc.list("orderedItems")
	if items == nil {
		items = doc.list("items")
	}
	return r.each(items, r.change)
}

// change reads one change of the log.
func (r *reader) change(row *Row, raw json.RawMessage) {
	o := opened(row, raw)
	if o == nil {
		return
	}
	row.ID, row.Change, row.Raw = o.text("id"), Change(o.text("type")), o.text("entityKey")
	row.Comment, row.Labels = o.text("comment", "summary"), addresses(o.list("labels"))
	row.Kind = kindOf(o.text("entityKind"))
	if row.Kind == "" && row.Change != Buries {
		row.Kind, row.Verdict, row.Reason = Domain, Rejected, Unsupported
		return
	}
	switch row.Change {
	case Retracts, Advises, Buries:
		if row.Change == Advises && len(row.Labels) > 0 {
			row.Level = Label
		}
		return
	case Recommends:
	default:
		row.Verdict, row.Reason = Rejected, Unsupported
		return
	}
	switch row.Level = ParseLevel(o.text("recommendedPolicy")); row.Level {
	case Accept, Reject, Drop:
	case Filter:
		row.Limits = limitsOf(addresses(o.list("recommendedFilters")))
	default:
		row.Level = NoLevel
		row.Verdict, row.Reason = Held, UnknownLevel
	}
}

// kindOf reads what an entity is, in lower case as FIRES's server writes it or
// in the spelling of its documents, where Domain has a capital.
func kindOf(word string) Kind {
	for _, kind := range []Kind{Domain, Actor, LinkDomain, URL, MediaHash, Hashtag} {
		if strings.EqualFold(string(kind), word) {
			return kind
		}
	}
	return ""
}

// addresses are the ids in a list, which may be strings or objects with one.
func addresses(list []json.RawMessage) []string {
	var ids []string
	for _, raw := range list {
		var id string
		if json.Unmarshal(raw, &id) != nil {
			var o object
			if json.Unmarshal(raw, &o) != nil {
				continue
			}
			id = o.text("id", "url", "name")
		}
		if id != "" {
			ids = append(ids, id)
		}
	}
	return ids
}

// limitsOf are the limits that addresses of filters end in.
func limitsOf(ids []string) []Limit {
	var list []Limit
	for _, id := range ids {
		name := id[strings.LastIndexAny(id, "#/")+1:]
		list = append(list, Limit(name))
	}
	slices.Sort(list)
	return slices.Compact(list)
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
