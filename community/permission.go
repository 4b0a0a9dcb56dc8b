package community

import (
	"slices"
	"strings"
)

// A Permission is one thing that somebody may be trusted with. The list is
// closed, the words are stored, and no word ever comes to mean something else.
type Permission string

// What somebody may do in a group.
const (
	RemoveContent  Permission = "content.remove"
	LockThreads    Permission = "threads.lock"
	MoveThreads    Permission = "threads.move"
	StartThreads   Permission = "threads.start"
	FeaturePosts   Permission = "posts.feature"
	MarkPosts      Permission = "posts.mark"
	ChooseAnswers  Permission = "answers.choose"
	HandleReports  Permission = "reports.handle"
	WarnMembers    Permission = "members.warn"
	BanMembers     Permission = "members.ban"
	AdmitMembers   Permission = "members.admit"
	SeeMembers     Permission = "members.see"
	RemoveMembers  Permission = "members.remove"
	SeeDeciders    Permission = "log.names"
	EditGroup      Permission = "group.edit"
	AppointOthers  Permission = "moderators.appoint"
	GiveRoles      Permission = "roles.give"
	SetVisibility  Permission = "group.visibility"
	MoveGroup      Permission = "group.move"
	HandOver       Permission = "group.hand_over"
	WelcomeTasks   Permission = "tasks.welcome"
	CheckInTasks   Permission = "tasks.check_in"
	AnswerTasks    Permission = "tasks.answer"
	SeeQuiet       Permission = "quiet.see"
	Introduce      Permission = "introductions.make"
	EditCollection Permission = "collections.edit"
	EditArticles   Permission = "articles.edit"
	EditDigest     Permission = "digest.edit"
	SeeMetrics     Permission = "metrics.see"
	ExportMetrics  Permission = "metrics.export"
	EditEvents     Permission = "events.edit"
	SeeAttendance  Permission = "events.attendance"
	AddRecordings  Permission = "events.recordings"
	DecideIdeas    Permission = "ideas.decide"
	EditNeeds      Permission = "needs.edit"
	RunSurveys     Permission = "surveys.run"
	EditBridges    Permission = "bridges.edit"
	SetFederation  Permission = "federation.set"
	SetRetention   Permission = "retention.set"
)

// What somebody may do for this server as a whole.
const (
	SiteReports      Permission = "site.reports"
	SiteBans         Permission = "site.bans"
	SiteWarnings     Permission = "site.warnings"
	SitePictures     Permission = "site.pictures"
	SiteLogs         Permission = "site.logs"
	SiteThreads      Permission = "site.threads"
	SiteFeeds        Permission = "site.feeds"
	SitePeers        Permission = "site.peers"
	SiteGroups       Permission = "site.groups"
	GiveSiteRoles    Permission = "site.roles"
	SiteApplications Permission = "site.applications"
	SiteInvites      Permission = "site.invites"
	SiteSettings     Permission = "site.settings"
	SiteAccounts     Permission = "site.accounts"
	SiteAdmins       Permission = "site.admins"
)

// An Allowance says what a permission is, for people.
type Allowance struct {
	Permission
	Does  string // goes on after "may"
	Later bool   // nothing asks for it yet: what it is for is still to be made
}

// GroupAllowances are the permissions of groups, in the order in which people
// read them.
func GroupAllowances() []Allowance {
	return []Allowance{
		{RemoveContent, "remove posts and comments, read what was removed and bring it back", false},
		{LockThreads, "end threads and branches of them, and open them again", false},
		{MoveThreads, "move threads to another group in which they may do so too", false},
		{StartThreads, "begin threads where others only answer", false},
		{FeaturePosts, "put posts on top of the group", false},
		{MarkPosts, "say that a post is sensitive, or is not", false},
		{ChooseAnswers, "say which comment answers somebody's question", false},
		{HandleReports, "read reports about the group and deal with them", false},
		{WarnMembers, "warn people in the name of the group", false},
		{BanMembers, "ban people from the group and lift bans", false},
		{AdmitMembers, "see who asks to join, and let them in or not", false},
		{SeeMembers, "see who belongs to the group", false},
		{RemoveMembers, "end somebody's membership", false},
		{SeeDeciders, "see in the log who decided", false},
		{EditGroup, "change the group's title, description and settings", false},
		{AppointOthers, "make moderators, and dismiss those who came later", false},
		{GiveRoles, "make roles and give them, as far as their own powers reach", false},
		{SetVisibility, "change who can read the group", false},
		{MoveGroup, "move the group to another server", false},
		{HandOver, "hand the group over to another moderator", false},
		{WelcomeTasks, "take up the welcoming of newcomers", true},
		{CheckInTasks, "ask after members who have gone quiet", true},
		{AnswerTasks, "take up questions that nobody has answered", true},
		{SeeQuiet, "see who has gone quiet", true},
		{Introduce, "introduce members to each other", true},
		{EditCollection, "put collections together", true},
		{EditArticles, "make articles out of threads", true},
		{EditDigest, "put the digest together and send it", true},
		{SeeMetrics, "see how the group does, without names", false},
		{ExportMetrics, "take those figures away", true},
		{EditEvents, "make events in the name of the group", true},
		{SeeAttendance, "see who comes to an event", true},
		{AddRecordings, "add recordings to events", true},
		{DecideIdeas, "say what becomes of ideas", true},
		{EditNeeds, "keep the board of needs", true},
		{RunSurveys, "ask the members in surveys", true},
		{EditBridges, "make bridges to other groups", true},
		{SetFederation, "decide with which servers the group speaks", true},
		{SetRetention, "decide how long things are kept", true},
	}
}

// SiteAllowances are the permissions of this server, as GroupAllowances.
func SiteAllowances() []Allowance {
	return []Allowance{
		{SiteReports, "read all reports and deal with them", false},
		{SiteBans, "ban people from this server and let them back", false},
		{SiteWarnings, "warn people in the name of this server", false},
		{SitePictures, "take away pictures that people show", false},
		{SiteLogs, "see in the log of any group who decided", false},
		{SiteThreads, "move threads out of groups in which they may into any group of this server", false},
		{SiteFeeds, "delete feeds that others keep", false},
		{SitePeers, "look after deliveries to other servers", false},
		{SiteGroups, "hand out groups that nobody looks after", false},
		{GiveSiteRoles, "make roles of this server and give them, as far as their own powers reach", false},
		{SiteApplications, "decide who may join this server", false},
		{SiteInvites, "see who invited whom, and end invitations", false},
		{SiteSettings, "change how this server is run", false},
		{SiteAccounts, "help people back into their accounts", false},
		{SiteAdmins, "say who administers this server", false},
	}
}

// allowance finds what p is, in a group or on this server.
func (p Permission) allowance() (Allowance, bool) {
	for _, list := range [][]Allowance{GroupAllowances(), SiteAllowances()} {
		if i := slices.IndexFunc(list, func(a Allowance) bool { return a.Permission == p }); i >= 0 {
			return list[i], true
		}
	}
	return Allowance{}, false
}

// Does says what p lets somebody do; it goes on after "may".
func (p Permission) Does() string {
	a, _ := p.allowance()
	return a.Does
}

// OfSite reports whether p is about this server and not about a group.
func (p Permission) OfSite() bool { return strings.HasPrefix(string(p), "site.") }

// Permissions are what somebody may do. Nil is nothing.
type Permissions []Permission

// Has reports whether p is among them.
func (ps Permissions) Has(p Permission) bool { return slices.Contains(ps, p) }

// Lacks returns those of others that are not among them.
func (ps Permissions) Lacks(others Permissions) Permissions {
	var missing Permissions
	for _, p := range others {
		if !ps.Has(p) {
			missing = append(missing, p)
		}
	}
	return missing
}

// With adds what is not among them yet.
func (ps Permissions) With(others Permissions) Permissions {
	return append(slices.Clip(ps), ps.Lacks(others)...)
}

// String is how permissions are stored: the words, with blanks between.
func (ps Permissions) String() string {
	words := make([]string, len(ps))
	for i, p := range ps {
		words[i] = string(p)
	}
	return strings.Join(words, " ")
}

// readPermissions is the opposite of String. Words that this version does not
// know permit nothing.
func readPermissions(text string) Permissions {
	var ps Permissions
	for _, word := range strings.Fields(text) {
		if _, known := Permission(word).allowance(); known {
			ps = append(ps, Permission(word))
		}
	}
	return ps
}

func of(list []Allowance) Permissions {
	ps := make(Permissions, len(list))
	for i, a := range list {
		ps[i] = a.Permission
	}
	return ps
}

// OwnerPermissions are what the owner of a group may do: everything.
func OwnerPermissions() Permissions { return of(GroupAllowances()) }

// ModeratorPermissions are what its moderators may do: everything but what
// decides where the group lives, whose it is, and with whom it deals.
func ModeratorPermissions() Permissions {
	return slices.DeleteFunc(OwnerPermissions(), Permission.ofOwner)
}

// ofOwner reports whether p is the owner's and not every moderator's.
func (p Permission) ofOwner() bool {
	switch p {
	case SetVisibility, MoveGroup, HandOver, EditBridges, SetFederation, SetRetention:
		return true
	}
	return false
}

// AdminPermissions are what an administrator may do for this server. In groups
// they may do nothing by that.
func AdminPermissions() Permissions { return of(SiteAllowances()) }
