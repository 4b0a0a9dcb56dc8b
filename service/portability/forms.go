package portability

import (
	"encoding/json"
	"errors"
	"maps"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"

	"drystone/community"
)

// A form is what is listed in a CSV, and in which columns where it does not say
// so itself. All but the first are Mastodon's (app/models/form/import.rb).
type form struct {
	kind    community.LineKind
	target  string // the column
	columns []string
	names   []string // how files of this form are called, from the beginning
	tells   []string // columns that no other form has
}

var forms = []form{
	{community.LineJoin, "Group address", groupColumns, []string{"groups"}, []string{"Group address"}},
	{community.LineMute, "Account address", []string{"Account address", "Hide notifications"}, []string{"mutes", "muted_accounts"}, []string{"Hide notifications"}},
	{
		community.LineFollow, "Account address",
		[]string{"Account address", "Show boosts", "Notify on new posts", "Languages"},
		[]string{"follows", "following_accounts"},
		[]string{"Show boosts", "Notify on new posts", "Languages"},
	},
	{community.LineList, "Account address", []string{"List name", "Account address"}, []string{"lists", "feeds"}, []string{"List name"}},
	{community.LineBlock, "Account address", []string{"Account address"}, []string{"blocks", "blocked_accounts"}, nil},
	{community.LineBlockServer, "#domain", []string{"#domain"}, []string{"domain_blocks", "blocked_domains"}, []string{"#domain"}},
	{community.LineSaved, "#uri", []string{"#uri"}, []string{"bookmarks", "saved"}, []string{"#uri"}},
}

// firstHeaders are what the first cell of a header is.
var firstHeaders = []string{"Account address", "#domain", "#uri", "List name", "Group address"}

// formOf tells what is listed in a file, by its header and then by its name.
func formOf(name string, first []string, header bool) *form {
	for i := range forms {
		if header && slices.ContainsFunc(first, func(c string) bool { return slices.Contains(forms[i].tells, strings.TrimSpace(c)) }) {
			return &forms[i]
		}
	}
	base := strings.ToLower(path.Base(name))
	for i := range forms {
		if slices.ContainsFunc(forms[i].names, func(n string) bool { return strings.HasPrefix(base, n) }) {
			return &forms[i]
		}
	}
	return nil
}

// checked settles what is no address right away, and finds whom to ask for
// what is.
func (r *reading) checked(l community.ImportLine) community.ImportLine {
	switch l.Kind {
	case community.LineProfile, community.LineWord:
		return l
	case community.LineBlockServer:
		l.Target = strings.ToLower(strings.TrimPrefix(l.Target, "@"))
		if !looksLikeHost(l.Target) {
			l.Outcome, l.Reason = community.Failed, "This is no name of a server."
		}
		return l
	}
	host, ok := r.hostOf(l.Target)
	if !ok || l.Kind == community.LineSaved && !strings.Contains(l.Target, "://") {
		l.Outcome, l.Reason = community.Failed, "This is no address."
	}
	if l.Host = host; host == r.home {
		l.Host = ""
	}
	return l
}

// hostOf is the server on which somebody with an address lives.
func (r *reading) hostOf(address string) (string, bool) {
	if strings.Contains(address, "://") {
		u, err := url.Parse(address)
		if err != nil || u.Host == "" || u.User != nil || u.Scheme != "https" && u.Scheme != "http" {
			return "", false
		}
		return strings.ToLower(u.Host), true
	}
	h, ok := community.ParseHandle(address, "")
	if !ok || h.Host != "" && !looksLikeHost(h.Host) {
		return "", false
	}
	return h.Host, true
}

func looksLikeHost(host string) bool {
	u, err := url.Parse("https://" + host + "/")
	return err == nil && u.Host == host && u.User == nil && len(host) <= 255 && strings.ContainsAny(host, ".:")
}

// document reads a JSON: settings of Lemmy, or of this kind of server.
func (r *reading) document(name, text string) error {
	if strings.HasPrefix(text, "[") && path.Base(name) == fileFacets {
		return r.fromFacets(name, text)
	}
	if strings.HasPrefix(text, "[") {
		return r.fromBlocks(name, text)
	}
	var keys map[string]json.RawMessage
	if err := json.Unmarshal([]byte(text), &keys); err != nil {
		return wrong(name, jsonLine(text, err), "it is not written as JSON.")
	}
	has := func(names ...string) bool {
		return slices.ContainsFunc(names, func(k string) bool { _, ok := keys[k]; return ok })
	}
	switch {
	case has("followed_communities", "blocked_communities", "blocked_users", "blocked_instances", "blocked_instances_communities", "saved_posts"):
		return r.fromLemmy(name, text)
	case has("orderedItems") && path.Base(name) == fileBookmarks+".json":
		return r.fromBookmarks(name, text)
	case has("messages_from", "follows_feeds"):
		return r.fromHere(name, text)
	}
	return wrong(name, 0, "we cannot tell what is in it. Settings exported by Lemmy can be read, and those exported here.")
}

func jsonLine(text string, err error) int {
	at := int64(0)
	var broken *json.SyntaxError
	if errors.As(err, &broken) {
		at = broken.Offset
	}
	return 1 + strings.Count(text[:min(at, int64(len(text)))], "\n")
}

func (r *reading) fromLemmy(name, text string) error {
	var file struct {
		lemmySettings
		// What Lemmy 1.0 calls what 0.19 called blocked_instances.
		HiddenInstances []string `json:"blocked_instances_communities"`
		SilentInstances []string `json:"blocked_instances_persons"`
		Words           []string `json:"blocking_keywords"`
	}
	if err := json.Unmarshal([]byte(text), &file); err != nil {
		return wrong(name, 0, "a value in it is of another kind than Lemmy writes there.")
	}
	if err := r.profile(name, map[string]*string{"title": file.DisplayName, "summary": file.Bio}); err != nil {
		return err
	}
	servers := slices.Concat(file.BlockedInstances, file.HiddenInstances, file.SilentInstances)
	slices.Sort(servers)
	for _, part := range []struct {
		kind   community.LineKind
		values []string
	}{
		{community.LineJoin, file.Followed},
		{community.LineBlockGroup, file.BlockedGroups},
		{community.LineBlock, file.BlockedPeople},
		{community.LineBlockServer, slices.Compact(servers)},
		{community.LineWord, file.Words},
		{community.LineSaved, file.SavedPosts},
		{community.LineSaved, file.SavedComments},
	} {
		for i, value := range part.values {
			if len(value) > mostCell || strings.TrimSpace(value) == "" {
				return wrong(name, 0, "value %d of those to %s is empty or too long.", i+1, part.kind)
			}
			if err := r.add(r.checked(community.ImportLine{File: name, Kind: part.kind, Target: strings.TrimSpace(value)})); err != nil {
				return err
			}
		}
	}
	return nil
}

// fromBookmarks reads those of an archive of Mastodon.
func (r *reading) fromBookmarks(name, text string) error {
	var file struct {
		Items []string `json:"orderedItems"`
	}
	if err := json.Unmarshal([]byte(text), &file); err != nil {
		return wrong(name, jsonLine(text, err), "this is no list of bookmarks.")
	}
	for i, item := range file.Items {
		if len(item) > mostCell {
			return wrong(name, 0, "bookmark %d is too long.", i+1)
		}
		if err := r.add(r.checked(community.ImportLine{File: name, Kind: community.LineSaved, Target: strings.TrimSpace(item)})); err != nil {
			return err
		}
	}
	return nil
}

func (r *reading) fromHere(name, text string) error {
	var file Settings
	if err := json.Unmarshal([]byte(text), &file); err != nil {
		return wrong(name, 0, "a value in it is of another kind than this server writes there.")
	}
	yes := func(b bool) *string {
		text := strconv.FormatBool(b)
		return &text
	}
	fields, err := file.more()
	if err != nil {
		return wrong(name, 0, "a value in it cannot be read.")
	}
	maps.Copy(fields, map[string]*string{
		"title": &file.Title, "summary": &file.Summary, "discoverable": yes(file.Discoverable), "indexable": yes(file.Indexable),
		"messages_from": &file.MessagesFrom,
	})
	if file.Locked != nil {
		fields["approves_followers"] = yes(*file.Locked)
	}
	if err := r.profile(name, fields); err != nil {
		return err
	}
	for _, feed := range file.Feeds {
		if len(feed) > mostCell {
			return wrong(name, 0, "the address of a feed is too long.")
		}
		if err := r.add(r.checked(community.ImportLine{File: name, Kind: community.LineFeed, Target: feed})); err != nil {
			return err
		}
	}
	return nil
}

// profile takes what somebody said of themselves.
func (r *reading) profile(name string, fields map[string]*string) error {
	for _, field := range profileFields {
		value := fields[field]
		if value == nil || *value == "" {
			continue
		}
		if err := r.add(community.ImportLine{File: name, Kind: community.LineProfile, Target: field, Detail: *value}); err != nil {
			return err
		}
	}
	return nil
}
