package blocklist

import (
	"bytes"
	"encoding/json"
	"strings"

	"drystone/fault"
)

// object is a JSON object of which only some fields matter.
type object map[string]json.RawMessage

// text is a field that is a string, else empty.
func (o object) text(names ...string) string {
	for _, name := range names {
		var s string
		if json.Unmarshal(o[name], &s) == nil && s != "" {
			return s
		}
	}
	return ""
}

func (o object) flag(name string) bool {
	var b bool
	return json.Unmarshal(o[name], &b) == nil && b
}

func (o object) has(names ...string) bool {
	for _, name := range names {
		if _, found := o[name]; found {
			return true
		}
	}
	return false
}

func (o object) list(name string) []json.RawMessage {
	var list []json.RawMessage
	_ = json.Unmarshal(o[name], &list)
	return list
}

func (o object) texts(name string) []string {
	var list []string
	if json.Unmarshal(o[name], &list) != nil {
		if one := o.text(name); one != "" {
			return []string{one}
		}
	}
	return list
}

func (o object) inner(name string) object {
	var inner object
	_ = json.Unmarshal(o[name], &inner)
	return inner
}

// json reads a list in JSON, whose format is told by the names of its fields.
func (r *reader) json(content []byte) error {
	in := json.NewDecoder(bytes.NewReader(content))
	if content[0] == '[' {
		var list []json.RawMessage
		if err := in.Decode(&list); err != nil {
			return fault.Because(err, fault.Invalid, "The list is no JSON.")
		}
		return r.array(list)
	}
	var doc object
	if err := in.Decode(&doc); err != nil {
		return fault.Because(err, fault.Invalid, "The list is no JSON.")
	}
	switch kind := doc.text("type"); {
	case strings.Contains(kind, "Collection"):
		return r.fires(doc)
	case doc.has("banned_instances", "banned_domains", "banned_users", "banned_tags", "allowed_instances"):
		return r.piefed(doc)
	case doc.has("federated_instances"):
		return r.lemmy(doc.inner("federated_instances"))
	case doc.has("@spec"), doc.has("blocks") && doc.has("publishedAt"):
		return r.rapidBlock(doc.inner("blocks"))
	case doc.has("chunk", "state"):
		r.list.Format = Policy
		return r.each(append(doc.list("chunk"), doc.list("state")...), r.policy)
	case doc.has("domains") && !doc.has("instances"):
		r.list.Format = Fediseer
		return r.each(doc.list("domains"), r.censure)
	case doc.has("instances"):
		return r.instances(doc.list("instances"))
	}
	return unknown()
}

func unknown() error {
	return fault.New(fault.Invalid, "This is no list of a format that is known here.")
}

// array reads a list that is one itself, by its first object.
func (r *reader) array(list []json.RawMessage) error {
	r.list.Format = Plain
	for _, raw := range list {
		var o object
		if json.Unmarshal(raw, &o) != nil || o == nil {
			continue
		}
		switch {
		case strings.Contains(o.text("type"), "policy.rule"):
			r.list.Format = Policy
			return r.each(list, r.policy)
		case o.has("suspended_at", "silenced_at") || o.has("domain") && o.has("obfuscate", "public_comment") && !o.has("digest", "severity"):
			r.list.Format = GoToSocial
			return r.each(list, r.gotosocial)
		case o.has("domain") && !o.has("severity", "digest") && o.has("comment"):
			r.list.Format = GoToSocial
			return r.each(list, r.gotosocial)
		case o.has("domain"):
			r.list.Format = MastodonAPI
			return r.each(list, r.mastodon)
		}
		return unknown()
	}
	if len(list) > 0 {
		var s string
		if json.Unmarshal(list[0], &s) != nil {
			return unknown()
		}
	}
	return r.each(list, func(row *Row, raw json.RawMessage) {
		if json.Unmarshal(raw, &row.Raw) != nil {
			row.Verdict, row.Reason = Rejected, Malformed
		}
		row.Level = r.means(Drop)
	})
}

// each makes a row of every element.
func (r *reader) each(list []json.RawMessage, read func(row *Row, raw json.RawMessage)) error {
	for _, raw := range list {
		row := Row{Number: len(r.list.Rows) + 1}
		read(&row, raw)
		if row.Raw == "" && row.Reason == Malformed {
			row.Raw = clip(string(raw))
		}
		if err := r.add(row); err != nil {
			return err
		}
	}
	return nil
}

// clip keeps what is shown of something that cannot be read short.
func clip(s string) string {
	const most = 200
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}

// opened is an element that is an object; a row for anything else is
// rejected.
func opened(row *Row, raw json.RawMessage) object {
	var o object
	if json.Unmarshal(raw, &o) != nil || o == nil {
		row.Verdict, row.Reason = Rejected, Malformed
	}
	return o
}

func (r *reader) mastodon(row *Row, raw json.RawMessage) {
	o := opened(row, raw)
	if o == nil {
		return
	}
	row.Raw, row.Comment, row.Private = o.text("domain"), o.text("comment", "public_comment"), o.text("private_comment")
	r.severity(row, o.text("severity"))
	limit(row, o.flag("reject_media"), o.flag("reject_reports"))
	r.uncover(row, o.text("digest"))
}

// gotosocial reads GoToSocial's export. It has a time for each thing that is
// done; where it has none, all that is listed is suspended.
func (r *reader) gotosocial(row *Row, raw json.RawMessage) {
	o := opened(row, raw)
	if o == nil {
		return
	}
	row.Raw, row.Comment, row.Private = o.text("domain"), o.text("public_comment", "comment"), o.text("private_comment")
	switch {
	case o.has("severity"):
		r.severity(row, o.text("severity"))
	case o.text("silenced_at") != "" && o.text("suspended_at") == "":
		row.Level, row.Limits = Filter, []Limit{Unlisted, NoTrends}
	default:
		row.Level = Drop
	}
}

// piefed reads PieFed's export, which has several lists.
func (r *reader) piefed(doc object) error {
	r.list.Format = PieFed
	for _, part := range []struct {
		field string
		kind  Kind
		level Level
	}{
		{"banned_instances", Domain, Drop},
		{"allowed_instances", Domain, Accept},
		{"banned_domains", LinkDomain, Reject},
		{"banned_tags", Hashtag, Reject},
		{"banned_users", Actor, Reject},
	} {
		err := r.each(doc.list(part.field), func(row *Row, raw json.RawMessage) {
			row.Kind, row.Level = part.kind, part.level
			if json.Unmarshal(raw, &row.Raw) == nil {
				return
			}
			if o := opened(row, raw); o != nil {
				row.Raw, row.Comment = o.text("name", "domain", "ap_id"), o.text("reason")
			}
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// lemmy reads what a Lemmy says of the servers that it knows: those it blocks
// and those it allows. That it is linked with others is no opinion of them and
// no row.
func (r *reader) lemmy(doc object) error {
	r.list.Format = Lemmy
	for _, part := range []struct {
		field string
		level Level
	}{{"blocked", Drop}, {"allowed", Accept}} {
		err := r.each(doc.list(part.field), func(row *Row, raw json.RawMessage) {
			row.Level = part.level
			if json.Unmarshal(raw, &row.Raw) == nil {
				return
			}
			if o := opened(row, raw); o != nil {
				row.Raw = o.text("domain")
				if instance := o.inner("instance"); instance != nil {
					row.Raw, row.Comment = instance.text("domain"), o.text("reason")
				}
			}
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// rapidBlock reads RapidBlock's list. What was unblocked stays in it.
func (r *reader) rapidBlock(blocks object) error {
	r.list.Format = RapidBlock
	for _, name := range sortedKeys(blocks) {
		row := Row{Number: len(r.list.Rows) + 1, Raw: name}
		if o := opened(&row, blocks[name]); o != nil {
			row.Comment, row.Labels = o.text("reason"), o.texts("tags")
			if o.flag("isBlocked") {
				row.Level = Drop
			}
		}
		if err := r.add(row); err != nil {
			return err
		}
	}
	return nil
}

// instances reads what Mbin and Fediseer put under the same name.
func (r *reader) instances(list []json.RawMessage) error {
	r.list.Format = Mbin
	var first object
	if len(list) > 0 && json.Unmarshal(list[0], &first) == nil && first.has("domain") {
		r.list.Format = Fediseer
	}
	if r.list.Format == Fediseer {
		return r.each(list, r.censure)
	}
	return r.each(list, func(row *Row, raw json.RawMessage) {
		row.Level = Drop
		if json.Unmarshal(raw, &row.Raw) != nil {
			row.Verdict, row.Reason = Rejected, Malformed
		}
	})
}

// censure reads what somebody told Fediseer of a server.
func (r *reader) censure(row *Row, raw json.RawMessage) {
	row.Level = r.means(Reject)
	if json.Unmarshal(raw, &row.Raw) == nil {
		return
	}
	if o := opened(row, raw); o != nil {
		row.Raw = o.text("domain")
		for _, what := range []string{"censure", "hesitation", "endorsement"} {
			row.Labels = append(row.Labels, o.texts(what+"_reasons")...)
			row.Evidence = append(row.Evidence, o.texts(what+"_evidence")...)
		}
		row.Comment = o.text("reason")
	}
}

// policy reads a rule of Matrix's moderation. Its people and rooms are of
// another network, and its patterns are never run.
func (r *reader) policy(row *Row, raw json.RawMessage) {
	o := opened(row, raw)
	if o == nil {
		return
	}
	content := o.inner("content")
	row.Raw, row.Comment, row.ID = content.text("entity"), content.text("reason"), o.text("event_id")
	switch kind := o.text("type"); {
	case !strings.Contains(kind, "policy.rule"):
		row.Raw = kind
		row.Verdict, row.Reason = Rejected, Unsupported
	case row.Raw == "": // a rule that was taken back
		row.Raw = o.text("state_key")
		row.Verdict, row.Reason = Rejected, NoOpinion
	case !strings.HasSuffix(kind, ".server"):
		row.Verdict, row.Reason = Rejected, Unsupported
	case content.text("recommendation") == "m.ban", content.text("recommendation") == "org.matrix.mjolnir.ban":
		row.Level = Drop
	default:
		row.Verdict, row.Reason = Held, UnknownLevel
	}
}
