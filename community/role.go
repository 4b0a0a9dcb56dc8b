package community

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"drystone/fault"
)

// NamedRoleID names a role that people made.
type NamedRoleID int64

// A NamedRole is a name for some permissions, in a group or on this server.
// Those that every place has are known by their Key; those that people made
// are stored. To call one something else changes nothing that it permits.
type NamedRole struct {
	ID        NamedRoleID `bun:",pk,autoincrement"`
	GroupID   ActorID     `bun:",nullzero"` // none: of this server
	Key       string      `bun:"-"`
	Name      string
	About     string
	Permits   string // see Permissions
	Level     int    // from LowestLevel to HighestLevel
	CreatedBy ActorID
	CreatedAt time.Time
	UpdatedAt time.Time
	DroppedAt time.Time `bun:",nullzero"` // nobody is given it any more
}

// The keys of the roles that every group has, the six capacities of those who
// look after communities: none implies another.
const (
	Engagement     = "engagement"
	Content        = "content"
	Analytics      = "analytics"
	Events         = "events"
	Innovation     = "innovation"
	Administration = "administration"
)

// The keys of the roles that this server has.
const (
	Reviewer  = "reviewer"  // of those who want to join
	Steward   = "steward"   // of the neighbours
	Safety    = "safety"    // of everybody
	Caretaker = "caretaker" // of groups that nobody looks after
)

// Ref is how programs name the role: its key, or its number.
func (r *NamedRole) Ref() string {
	if r.Key != "" {
		return r.Key
	}
	return strconv.FormatInt(int64(r.ID), 10)
}

// Permissions are what the role permits.
func (r *NamedRole) Permissions() Permissions {
	if r == nil {
		return nil
	}
	return readPermissions(r.Permits)
}

// GroupRoles are the roles that every group has.
func GroupRoles() []*NamedRole {
	return []*NamedRole{
		keyed(Engagement, "Engagement", "Sees to it that newcomers are welcomed, questions answered and nobody is forgotten.",
			WelcomeTasks, CheckInTasks, AnswerTasks, SeeQuiet, Introduce),
		keyed(Content, "Content", "Keeps what is worth keeping: collections, articles, the digest, what stands on top.",
			FeaturePosts, ChooseAnswers, EditCollection, EditArticles, EditDigest),
		keyed(Analytics, "Analytics", "Sees how the group does, in figures without names.",
			SeeMetrics, ExportMetrics),
		keyed(Events, "Events", "Makes events, knows who comes, and keeps the recordings.",
			EditEvents, SeeAttendance, AddRecordings),
		keyed(Innovation, "Innovation", "Looks after ideas and needs, and asks the members.",
			DecideIdeas, EditNeeds, RunSurveys),
		keyed(Administration, "Administration", "Gives roles, decides cases and sanctions, and with whom the group deals.",
			GiveRoles, HandleReports, SeeDeciders, RemoveContent, LockThreads, MarkPosts, WarnMembers, BanMembers,
			AdmitMembers, SeeMembers, RemoveMembers, EditBridges, SetFederation, SetRetention),
	}
}

// SiteRoles are the roles that this server has.
func SiteRoles() []*NamedRole {
	return []*NamedRole{
		keyed(Reviewer, "Reviewer of applications", "Decides who may join, and sees to invitations.", SiteApplications, SiteInvites),
		keyed(Steward, "Steward of neighbours", "Looks after deliveries to other servers.", SitePeers),
		keyed(Safety, "Safety of the server", "Deals with reports from all groups, and with people whom no group can deal with alone.",
			SiteReports, SiteBans, SiteWarnings, SitePictures, SiteLogs, SiteFeeds),
		keyed(Caretaker, "Caretaker of groups", "Finds somebody for groups that nobody looks after.", SiteGroups, SiteLogs),
	}
}

func keyed(key, name, about string, permits ...Permission) *NamedRole {
	return &NamedRole{Key: key, Name: name, About: about, Permits: Permissions(permits).String(), Level: DefaultLevel(permits)}
}

// KeyedRole returns the role that every group has by a key, or, for no group,
// this server; nil if there is none.
func KeyedRole(group ActorID, key string) *NamedRole {
	list := GroupRoles()
	if group == 0 {
		list = SiteRoles()
	}
	if i := slices.IndexFunc(list, func(r *NamedRole) bool { return r.Key == key }); i >= 0 {
		list[i].GroupID = group
		return list[i]
	}
	return nil
}

// Bounds of a role, and of what is said of a grant, in characters; and how many
// roles a group can make.
const (
	MaxRoleName  = 60
	MaxRoleAbout = 300
	MaxGrantNote = 300
	MostRoles    = 50
)

// Check reports what is wrong with a role that somebody makes: it permits
// something, and nothing that belongs elsewhere.
func (r *NamedRole) Check() error {
	if err := checkText("name", "The name", r.Name, MaxRoleName); err != nil {
		return err
	}
	if err := checkLine("name", "The name", r.Name); err != nil {
		return err
	}
	if strings.TrimSpace(r.Name) == "" {
		return fault.Field("name", "Give the role a name.")
	}
	if err := checkText("about", "The description", r.About, MaxRoleAbout); err != nil {
		return err
	}
	if err := CheckLevel(r.Level); err != nil {
		return err
	}
	permits := strings.Fields(r.Permits)
	if len(permits) == 0 {
		return fault.Field("permissions", "Choose at least one thing that the role permits.")
	}
	for _, word := range permits {
		p := Permission(word)
		if _, known := p.allowance(); !known || p.OfSite() != (r.GroupID == 0) {
			return fault.Field("permissions", "There is no permission called %.60q here.", word)
		}
		if p.ofOwner() && (p == SetVisibility || p == MoveGroup || p == HandOver) {
			return fault.Field("permissions", "Only the owner of a group may %s; no role can hold that.", p.Does())
		}
	}
	return nil
}

// GrantID names a grant.
type GrantID int64

// A RoleGrant gives a role to somebody, here or on another server, for a time.
type RoleGrant struct {
	ID         GrantID `bun:",pk,autoincrement"`
	GroupID    ActorID `bun:",nullzero"` // none: on this server
	ActorID    ActorID
	RoleKey    string      // one that every place has, or empty
	RoleID     NamedRoleID `bun:",nullzero"` // one that people made
	GrantedBy  ActorID
	StartsAt   time.Time
	EndsAt     time.Time `bun:",nullzero"` // zero: until somebody ends it
	ReviewAt   time.Time `bun:",nullzero"` // when to think again whether it is right
	RemindedAt time.Time `bun:",nullzero"` // who gave it was told that it is time
	Note       string
	EndedAt    time.Time `bun:",nullzero"`
	EndedBy    ActorID   `bun:",nullzero"` // none: it ended by itself
	CreatedAt  time.Time

	Role *NamedRole `bun:"-"` // what it gives; never nil where storage has read it
}

// Holds reports whether the grant gives anything now.
func (g *RoleGrant) Holds(now time.Time) bool {
	return g.EndedAt.IsZero() && !now.Before(g.StartsAt) && (g.EndsAt.IsZero() || now.Before(g.EndsAt))
}

// Permits reports whether the grant gives p now.
func (g *RoleGrant) Permits(p Permission, now time.Time) bool {
	return g.Holds(now) && g.Role != nil && slices.Contains(strings.Fields(g.Role.Permits), string(p))
}

// lasts reports whether the grant holds now and does not end before until; a
// zero until is for ever.
func (g *RoleGrant) lasts(now, until time.Time) bool {
	return g.Holds(now) && (g.EndsAt.IsZero() || !until.IsZero() && !until.After(g.EndsAt))
}

// Check reports what is wrong with the times and the note of a grant.
func (g *RoleGrant) Check(now time.Time) error {
	switch {
	case !g.EndsAt.IsZero() && !g.EndsAt.After(now):
		return fault.Field("ends_at", "A role ends in the future. Leave the end out for one that does not end by itself.")
	case !g.EndsAt.IsZero() && !g.EndsAt.After(g.StartsAt):
		return fault.Field("ends_at", "The end comes after the beginning.")
	case !g.ReviewAt.IsZero() && !g.ReviewAt.After(now):
		return fault.Field("review_at", "The day to look at it again is in the future.")
	case g.StartsAt.After(Forever) || g.EndsAt.After(Forever) || g.ReviewAt.After(Forever):
		return fault.Field("ends_at", "That is further away than this server counts.")
	}
	return checkText("note", "The note", g.Note, MaxGrantNote)
}

// A GrantView is a grant as somebody sees it.
type GrantView struct {
	*RoleGrant
	Person *Actor
	By     *Actor
	MayEnd bool
}
