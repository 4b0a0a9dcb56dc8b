package web

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"drystone/api/v1"
	"drystone/community"
	"drystone/fault"
)

// noticeWords are what a notification says that somebody did, by its kind, and
// for what can be done in a group, too, by its kind with ".group". The app says
// the same (frontend/src/lib/i18n/notifications.json; a test holds them
// together).
var noticeWords = map[string]string{
	"schedule_failed":      "What you planned could not be posted. It is among your drafts, with the reason",
	"moved_in":             "moved to this account of yours. See what can come along",
	"group_moved":          "moved, and you went along",
	"passkey_copied":       "Somebody tried to sign in with a copy of one of your passkeys, and was refused. Look at your passkeys, and remove what you do not trust.",
	"recovery_code_used":   "Somebody signed in with one of your recovery codes. If that was not you, change your password and make new codes.",
	"password_changed":     "Your password was changed. If that was not you, look at how you sign in.",
	"role_moved":           "moderates from a new account",
	"reply":                "answered you",
	"mention":              "mentioned you",
	"watched":              "wrote in a thread that you watch",
	"posted":               "wrote in {group}, which you watch",
	"moderation":           "moderated something of yours",
	"thread_moved":         "moved your thread to {group}",
	"poll":                 "asked, and the poll is over",
	"answer":               "says that your comment is the answer",
	"quote":                "quoted what you wrote",
	"join_request":         "asks to join a group you look after",
	"follow_request":       "asks to follow you",
	"follow":               "follows you now",
	"follow_accepted":      "lets you follow what they write",
	"join_accepted":        "let you in",
	"join_refused":         "did not let you in",
	"application":          "wants to join this server",
	"application_asked":    "asks you something about your application",
	"application_accepted": "let you in: welcome",
	"application_refused":  "did not accept your application",
	"banned":               "banned you from this server",
	"banned.group":         "banned you from a group",
	"picture_taken":        "took away a picture that you show",
	"unbanned":             "lifted your ban",
	"unbanned.group":       "lifted your ban from a group",
	"group_offered":        "offers you the group {group}, if you want it",
	"group_handed_over":    "owns {group} now, as you offered",
	"group_claimed":        "looks after {group} now, which nobody looked after",
	"claim":                "would like to look after {group}",
	"claim_refused":        "decided about {group}: it is not going to be yours",
	"moderator":            "made you a moderator",
	"no_moderator":         "ended your time as a moderator",
	"role":                 "gave you the role {role} on this server",
	"role.group":           "gave you the role {role} in {group}",
	"role_ended":           "ended your role {role} on this server, or its time was over",
	"role_ended.group":     "ended your role {role} in {group}, or its time was over",
	"role_review":          "has the role {role}. You wanted to think again whether that is right",
	"report":               "reported something that you look after",
	"report_handled":       "dealt with what you reported",
	"warning":              "has a word of warning for you",
}

// A noticed is a notification as the page without JavaScript shows it.
type noticed struct {
	v1.Notification
	Said string
	Path string // what it is about
	Own  bool   // about one's own account, which nobody else did
}

var (
	ofSecurity = []community.NotificationKind{community.KeyCopied, community.CodeUsed, community.SecretChanged}
	inGroups   = []community.NotificationKind{community.Barred, community.Readmitted, community.Trusted, community.Released}
)

func noticedOf(n v1.Notification) noticed {
	return noticed{n, saidOf(n), noticePath(n), n.Kind == community.Voted || n.Kind == community.Stuck || slices.Contains(ofSecurity, n.Kind)}
}

func saidOf(n v1.Notification) string {
	if n.Kind == community.Voted {
		said := "Your writing was voted up once"
		if n.Votes != 1 {
			said = fmt.Sprintf("Your writing was voted up %d times", n.Votes)
		}
		if n.Things > 0 {
			said += fmt.Sprintf(", with %s of yours", count(int64(n.Things), "thing more", "things more"))
		}
		return said
	}
	words := noticeWords[string(n.Kind)]
	group, role := "", ""
	if n.Group != nil {
		group = displayName(*n.Group)
		if slices.Contains(inGroups, n.Kind) {
			words = noticeWords[string(n.Kind)+".group"]
		}
	}
	if n.Role != nil {
		role = n.Role.Name
	}
	if words == "" {
		words = "did something that concerns you"
	}
	return strings.NewReplacer("{group}", group, "{role}", role).Replace(words)
}

// noticePath leads to what a notification is about.
func noticePath(n v1.Notification) string {
	if slices.Contains(ofSecurity, n.Kind) {
		return "/settings/security"
	}
	switch n.Kind {
	case community.Applied:
		return "/admin/joining"
	case community.AskedBack, community.TurnedAway:
		return "/join"
	case community.Welcomed:
		return "/explore"
	case community.Courted:
		return "/settings/followers"
	case community.Stuck:
		return "/drafts"
	case community.MovedIn:
		return "/settings/data"
	case community.Claimed, community.Review:
		return "/admin/roles"
	}
	switch {
	case n.Report != nil:
		return "/reports/" + strconv.FormatInt(n.Report.ID, 10)
	case (n.Role != nil || n.Kind == community.Offered) && n.Group != nil:
		return actorPath(*n.Group) + "/roles"
	case n.Kind == community.Asked && n.Group != nil:
		return actorPath(*n.Group) + "/members"
	case n.Comment != nil:
		return "/comment/" + strconv.FormatInt(n.Comment.ID, 10)
	case n.Post != nil:
		return postPath(n.Post.ID)
	case n.Group != nil:
		return actorPath(*n.Group)
	case n.Actor.Handle != "":
		return actorPath(n.Actor)
	}
	return "/notifications"
}

// notifications is what concerns the visitor. Its form marks what stands on
// the page as seen.
func notifications(p *page) error {
	p.Head.Title, p.Head.Hidden = "Notifications", true
	if p.Me == nil {
		return plain("/notifications", "Notifications")(p)
	}
	if p.c.Request().Method == http.MethodPost {
		return p.seeAll()
	}
	_, unread := p.c.QueryParams()["unread"]
	only := ""
	if unread {
		only = "true"
	}
	cursor := p.query("cursor")
	list, err := ask(p, address("/notifications", "cursor", cursor, "grouped", "true", "unread", only), p.site.API.Notifications,
		v1.NotificationsQuery{Grouped: true, Unread: unread, Paging: v1.Paging{Cursor: cursor}})
	if err != nil {
		return err
	}
	data := struct {
		List   []noticed
		Unread bool
		New    bool
		Newest int64
		More   string
	}{Unread: unread}
	for _, n := range list.Items {
		data.List, data.New, data.Newest = append(data.List, noticedOf(n)), data.New || !n.Read, max(data.Newest, n.ID)
	}
	if data.More = more(nil, list.Next); unread && data.More != "" {
		data.More += "&unread"
	}
	p.show("inbox", "/notifications", data)
	return nil
}

func (p *page) seeAll() error {
	if err := p.readForm(); err != nil {
		return err
	}
	upTo, err := strconv.ParseInt(p.c.Request().PostFormValue("up_to"), 10, 64)
	if err != nil || upTo <= 0 {
		return fault.Because(err, fault.Invalid, "The form could not be read.")
	}
	p.redirect = "/notifications"
	return p.site.API.MarkRead(p.ctx, p.caller, upTo)
}
