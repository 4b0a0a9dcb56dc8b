package web

import (
	"net/url"

	"drystone/api/v1"
)

// verdicts say what a moderator did, to somebody or to something of theirs.
var verdicts = map[string]string{
	"post_removed":      "removed a post",
	"post_restored":     "brought a post back",
	"post_locked":       "locked a thread",
	"post_unlocked":     "unlocked a thread",
	"post_featured":     "put a post on top",
	"post_unfeatured":   "took a post down from the top",
	"post_marked":       "marked a post as sensitive",
	"post_unmarked":     "took the mark off a post",
	"post_moved":        "moved a thread to",
	"post_arrived":      "moved a thread here from",
	"comment_removed":   "removed a comment",
	"comment_restored":  "brought a comment back",
	"comment_locked":    "locked a branch of a thread",
	"comment_unlocked":  "unlocked a branch of a thread",
	"moderator_added":   "new moderator",
	"moderator_removed": "no moderator any more",
	"member_banned":     "banned",
	"member_unbanned":   "lifted a ban",
}

// decisions is the log of what moderators did in a group.
func decisions(p *page) error {
	name, cursor := p.c.Param("name"), p.query("cursor")
	g, err := ask(p, address("/groups/"+name), p.site.API.Group, v1.GroupPath{Group: name})
	if err != nil {
		return err
	}
	list, err := ask(p, address("/groups/"+name+"/log", "cursor", cursor), p.site.API.Decisions,
		v1.DecisionsQuery{GroupPath: v1.GroupPath{Group: name}, Paging: v1.Paging{Cursor: cursor}})
	if err != nil {
		return err
	}
	p.Head.Title, p.Head.Hidden = "What moderators did in "+displayName(g.Actor), true
	p.show("log", "/c/[group]/log", struct {
		Group     v1.Group
		Decisions []v1.Decision
		More      string
	}{g, list.Items, more(url.Values{}, list.Next)})
	return nil
}
