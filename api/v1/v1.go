// Package v1 is Drystone's own JSON API, as programs and the web app speak to
// it: its addresses, its shapes, its errors, and who may call what.
//
// An operation is a function from a request type to a response type, which
// calls one use case of service and says in JSON what came of it. Rules do not
// belong here, and neither does anything about HTML: api/web calls the same
// functions for its pages. The OpenAPI document is made from these types and
// committed beside them.
package v1

import (
	"log/slog"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humaecho"
	"github.com/labstack/echo/v4"

	"drystone/community"
	"drystone/fault"
	"drystone/service/accounts"
	"drystone/service/blocks"
	"drystone/service/clients"
	"drystone/service/consents"
	"drystone/service/feeds"
	"drystone/service/groups"
	"drystone/service/instance"
	"drystone/service/joining"
	"drystone/service/live"
	"drystone/service/media"
	"drystone/service/messages"
	"drystone/service/moderation"
	"drystone/service/notifications"
	"drystone/service/peers"
	"drystone/service/portability"
	"drystone/service/posts"
	"drystone/service/profiles"
	"drystone/service/readings"
	"drystone/service/reports"
	"drystone/service/roles"
	"drystone/service/saves"
	"drystone/service/search"
	"drystone/service/views"
	"drystone/service/votes"
)

// Prefix is where the API is mounted.
const Prefix = "/api/v1"

// Options is what the API needs.
type Options struct {
	Accounts      *accounts.Service
	Groups        *groups.Service
	Media         *media.Service
	Profiles      *profiles.Service
	Feeds         *feeds.Service
	Posts         *posts.Service
	Votes         *votes.Service
	Moderation    *moderation.Service
	Reports       *reports.Service
	Roles         *roles.Service
	Saves         *saves.Service
	Readings      *readings.Service
	Messages      *messages.Service
	Blocks        *blocks.Service
	Consents      *consents.Service
	Views         *views.Service
	Notifications *notifications.Service
	Live          *live.Service
	Search        *search.Service
	Instance      *instance.Service
	Joining       *joining.Service
	Peers         *peers.Service
	Portability   *portability.Service
	Clients       *clients.Service
	Resolver      Resolver // nil: nothing beyond this server is looked up

	Origin string // scheme://host of this server
	Secure bool   // browsers reach it by https
	Log    *slog.Logger
	Now    func() time.Time
	Limits float64 // how many times as wide as usual limits are; 0: as usual, +Inf: there are none
}

// An API answers calls.
type API struct {
	Options
	host   string
	huma   huma.API
	limits limits
}

// New mounts the API on e.
func New(e *echo.Echo, o Options) *API {
	a := &API{Options: o, host: hostOf(o.Origin), limits: newLimits(o.Now, o.Limits)}
	a.huma = humaecho.NewWithGroup(e, e.Group(Prefix), settings())
	a.Routes()
	return a
}

// Routes is the table of contents.
func (a *API) Routes() {
	const notFound, forbidden, conflict = fault.NotFound, fault.Forbidden, fault.Conflict
	const read, moderate = community.ScopeRead, community.ScopeModerate

	s := section("Server")
	handle(a, s.get("/instance", "getInstance", "What this server is"), a.Instance)
	handle(a, s.post("/markdown/preview", "previewMarkdown", "What Markdown will look like").scope(read).limited(a.limits.write), a.preview)

	a.accountRoutes()
	a.pictureRoutes()
	a.appRoutes()
	a.joiningRoutes()
	a.profileRoutes()
	a.securityRoutes()
	a.emailRoutes()
	a.messageRoutes()
	a.blockRoutes()
	a.consentRoutes()
	a.moderationRoutes()
	a.roleRoutes()
	a.keepingRoutes()
	a.peerRoutes()

	s = section("Groups")
	handle(a, s.get("/groups", "listGroups", "List groups"), a.Groups)
	handle(a, s.post("/groups", "createGroup", "Make a group, which you then own").signedIn().creates().limited(a.limits.write).fails(conflict), a.createGroup)
	handle(a, s.get("/groups/{group}", "getGroup", "Read about a group").fails(notFound), a.Group)
	handle(a, s.patch("/groups/{group}", "editGroup", "Change a group you moderate").scope(moderate).signedIn().fails(notFound, forbidden), a.editGroup)
	handle(a, s.put("/groups/{group}/membership", "joinGroup", "Join a group").signedIn().limited(a.limits.write).fails(notFound, forbidden).
		says("A group of another server is asked, and so are the moderators of a private one; the membership is pending until they answer. Joining again changes nothing."), a.join)
	a.moveRoutes()
	a.dataRoutes()
	a.importRoutes()
	do(a, s.delete("/groups/{group}/membership", "leaveGroup", "Leave a group").signedIn().fails(notFound), a.leave)
	handle(a, s.get("/groups/{group}/requests", "listRequests", "Who asks to join a group you moderate").scope(moderate).signedIn().fails(notFound, forbidden), a.Requests)
	do(a, s.put("/groups/{group}/requests/{person}", "acceptRequest", "Let somebody who asked into a group").scope(moderate).signedIn().fails(notFound, forbidden), a.acceptRequest)
	do(a, s.delete("/groups/{group}/requests/{person}", "refuseRequest", "Refuse somebody who asked to join a group").scope(moderate).signedIn().fails(notFound, forbidden), a.refuseRequest)
	handle(a, s.get("/groups/{group}/members", "listMembers", "Who belongs to a group you moderate").scope(moderate).signedIn().fails(notFound, forbidden), a.Members)
	do(a, s.delete("/groups/{group}/members/{person}", "removeMember", "End somebody's membership").scope(moderate).signedIn().fails(notFound, forbidden), a.removeMember)

	a.feedRoutes()
	a.saveRoutes()
	a.readingRoutes()
	a.sketchRoutes()
	a.quoteRoutes()
	a.questionRoutes()

	s = section("Posts")
	handle(a, s.get("/feed", "listFeed", "List posts of many groups"), a.Feed)
	handle(a, s.get("/groups/{group}/posts", "listGroupPosts", "List the posts of a group").fails(notFound, forbidden), a.GroupPosts)
	handle(a, s.post("/groups/{group}/posts", "createPost", "Begin a thread").signedIn().creates().limited(a.limits.write).fails(notFound, forbidden), a.createPost)
	handle(a, s.get("/posts/{id}", "getPost", "Read a post").fails(notFound), a.Post)
	handle(a, s.patch("/posts/{id}", "editPost", "Change your post").signedIn().limited(a.limits.write).fails(notFound, forbidden), a.editPost)
	do(a, s.delete("/posts/{id}", "deletePost", "Take your post back").signedIn().fails(notFound, forbidden), a.deletePost)
	handle(a, s.put("/posts/{id}/vote", "votePost", "Vote on a post").signedIn().limited(a.limits.vote).fails(notFound, forbidden), a.votePost)
	handle(a, s.put("/posts/{id}/poll/vote", "votePoll", "Vote in the poll of a post").signedIn().limited(a.limits.vote).fails(notFound, forbidden, conflict).
		says("A vote is final: choose everything at once. Only the author's server learns who chose what."), a.votePoll)
	handle(a, s.put("/posts/{id}/answer", "chooseAnswer", "Say which comment answers your post").signedIn().limited(a.limits.write).fails(notFound, forbidden).
		says("Moderators of the group may, too. Another answer takes the place of the one before."), a.chooseAnswer)
	do(a, s.delete("/posts/{id}/answer", "withdrawAnswer", "Say that your post is not answered after all").signedIn().fails(notFound, forbidden), a.withdrawAnswer)

	s = section("Comments")
	handle(a, s.get("/posts/{id}/comments", "listComments", "Read the thread under a post").fails(notFound).
		says("Flat in tree order: every comment is followed by everything below it."), a.Comments)
	handle(a, s.post("/posts/{id}/comments", "createComment", "Answer a post or a comment").signedIn().creates().limited(a.limits.write).fails(notFound, forbidden), a.createComment)
	handle(a, s.get("/comments/{id}", "getComment", "Read a comment and what it answers").fails(notFound), a.Comment)
	handle(a, s.get("/comments/{id}/replies", "listReplies", "Read everything below a comment").fails(notFound).
		says("Flat in tree order, as in the thread. The comment itself is not in it."), a.Replies)
	handle(a, s.patch("/comments/{id}", "editComment", "Change your comment").signedIn().limited(a.limits.write).fails(notFound, forbidden), a.editComment)
	do(a, s.delete("/comments/{id}", "deleteComment", "Take your comment back").signedIn().fails(notFound, forbidden), a.deleteComment)
	handle(a, s.put("/comments/{id}/vote", "voteComment", "Vote on a comment").signedIn().limited(a.limits.vote).fails(notFound, forbidden), a.voteComment)

	s = section("People")
	handle(a, s.get("/people/{person}", "getPerson", "Read about a person").fails(notFound), a.Person)
	handle(a, s.get("/people/{person}/posts", "listPersonPosts", "List the posts of a person").fails(notFound), a.PersonPosts)
	handle(a, s.get("/people/{person}/comments", "listPersonComments", "List the comments of a person").fails(notFound), a.PersonComments)

	a.reportRoutes()
	a.findingRoutes()
}

// accountRoutes is the part of the table of contents about oneself.
func (a *API) accountRoutes() {
	const notFound, forbidden, conflict = fault.NotFound, fault.Forbidden, fault.Conflict
	const account = community.ScopeAccount

	s := section("Signing up and in")
	handle(a, s.post("/accounts", "signUp", "Make an account and sign in").creates().limited(a.limits.signUp).fails(forbidden, conflict), a.signUp)
	do(a, s.delete("/session", "signOut", "Sign out").signedIn().early().parting().
		says("Ends the session that asks. Asked with an API token, it revokes the token."), a.signOut)
	handle(a, s.post("/signup/passkey/begin", "beginPasskeySignUp", "Begin to make an account with a passkey").limited(a.limits.signUp).fails(forbidden, conflict), a.beginSignUp)
	handle(a, s.post("/signup/passkey/finish", "finishPasskeySignUp", "Make an account with a passkey and sign in").creates().limited(a.limits.signUp).fails(forbidden, conflict), a.finishSignUp)
	handle(a, s.post("/session/passkey/begin", "beginPasskeySignIn", "Begin to sign in with a passkey").limited(a.limits.signIn), a.beginSignIn)
	handle(a, s.post("/session/passkey/finish", "finishPasskeySignIn", "Sign in with a passkey").limited(a.limits.signIn), a.finishSignIn)

	s = section("Me")
	handle(a, s.get("/me", "getMe", "Who am I").signedIn(), a.Me)
	handle(a, s.patch("/me", "editMe", "Change what is said about me").signedIn().limited(a.limits.write), a.editMe)
	do(a, s.delete("/me", "deleteMe", "Have my account deleted in 14 days").confirmed().early().limited(a.limits.signIn).fails(forbidden, conflict).
		says("At once the caller is signed out everywhere and nobody meets them; until then they can sign in and come back. Afterwards the name stays taken, and every server that may know the account is told. The only administrator of the server and the only moderator of a group cannot leave before somebody else is one. Who is not let in yet is gone at once, and leaves nothing, not even a taken name."), a.deleteMe)
	handle(a, s.post("/me/return", "returnMe", "Come back, and keep my account").signedIn().parting().limited(a.limits.write), a.returnMe)
	handle(a, s.get("/notifications", "listNotifications", "What concerns me").signedIn(), a.Notifications)
	a.streamRoutes()
	a.noticeRoutes()
	do(a, s.post("/notifications/read", "readNotifications", "Mark notifications as seen").signedIn().early(), a.markRead)
	handle(a, s.get("/me/identities", "listIdentities", "Whom a company's sign-in takes me for").scope(account).signedIn(), a.identities)
	handle(a, s.post("/me/identities", "beginIdentity", "Begin to connect my account with a company's sign-in").scope(account).confirmed().limited(a.limits.signIn).fails(notFound).
		says("The browser goes on at the address in the answer, and comes back to the settings."), a.beginIdentity)
	do(a, s.delete("/me/identities", "deleteIdentity", "Disconnect my account from a company's sign-in").scope(account).confirmed().fails(notFound, forbidden), a.deleteIdentity)
	handle(a, s.get("/tokens", "listTokens", "My API tokens").scope(account).signedIn(), a.tokens)
	handle(a, s.post("/tokens", "createToken", "Make an API token").scope(account).confirmed().creates().limited(a.limits.write), a.createToken)
	do(a, s.delete("/tokens/{id}", "endToken", "Revoke an API token").scope(account).signedIn().fails(notFound), a.endToken)
}

// moderationRoutes is the part of the table of contents for those who look
// after groups and after the server.
func (a *API) moderationRoutes() {
	const notFound, forbidden, conflict = fault.NotFound, fault.Forbidden, fault.Conflict
	const read, administer = community.ScopeRead, community.ScopeAdminister

	s := section("Moderation")
	do(a, s.post("/posts/{id}/removal", "removePost", "Remove a post from a group you moderate").signedIn().fails(notFound, forbidden), a.removePost)
	do(a, s.delete("/posts/{id}/removal", "restorePost", "Bring a removed post back").signedIn().fails(notFound, forbidden).
		says("And the comments that were removed with it."), a.restorePost)
	do(a, s.post("/posts/{id}/lock", "lockPost", "End a thread, so that nobody answers in it").signedIn().fails(notFound, forbidden), a.lockPost)
	do(a, s.delete("/posts/{id}/lock", "unlockPost", "Open a thread again").signedIn().fails(notFound, forbidden), a.unlockPost)
	do(a, s.post("/posts/{id}/group", "movePost", "Move a thread to another group that you moderate").signedIn().fails(notFound, forbidden).
		says("With everything in it. Both are groups of this server that everybody may read."), a.movePost)
	do(a, s.put("/posts/{id}/featured", "featurePost", "Put a post on top of its group").signedIn().fails(notFound, forbidden, conflict).
		says("A group of this server has room for five."), a.featurePost)
	do(a, s.delete("/posts/{id}/featured", "unfeaturePost", "Take a post down from the top").signedIn().fails(notFound, forbidden), a.unfeaturePost)
	do(a, s.put("/posts/{id}/sensitive", "markPost", "Say that somebody's post is sensitive").signedIn().fails(notFound, forbidden), a.markPost)
	do(a, s.delete("/posts/{id}/sensitive", "unmarkPost", "Say that somebody's post is not sensitive").signedIn().fails(notFound, forbidden), a.unmarkPost)
	do(a, s.post("/comments/{id}/removal", "removeComment", "Remove a comment from a group you moderate").signedIn().fails(notFound, forbidden), a.removeComment)
	do(a, s.delete("/comments/{id}/removal", "restoreComment", "Bring a removed comment back").signedIn().fails(notFound, forbidden).
		says("And the answers that were removed with it."), a.restoreComment)
	do(a, s.post("/comments/{id}/lock", "lockComment", "End a branch of a thread").signedIn().fails(notFound, forbidden).
		says("Nobody answers the comment any more, nor anything below it."), a.lockComment)
	do(a, s.delete("/comments/{id}/lock", "unlockComment", "Open a branch again").signedIn().fails(notFound, forbidden), a.unlockComment)

	do(a, s.put("/groups/{group}/moderators/{person}", "addModerator", "Make somebody a moderator").signedIn().limited(a.limits.write).fails(notFound, forbidden, conflict), a.addModerator)
	do(a, s.delete("/groups/{group}/moderators/{person}", "removeModerator", "End somebody's time as a moderator").signedIn().fails(notFound, forbidden).
		says("Your own, too. The owner stays; of others only those who moderate for less long than you."), a.removeModerator)
	handle(a, s.get("/groups/{group}/bans", "listBans", "Who is banned from a group you moderate").signedIn().fails(notFound, forbidden), a.bans)
	do(a, s.put("/groups/{group}/bans/{person}", "banMember", "Ban somebody from a group you moderate").signedIn().limited(a.limits.write).fails(notFound, forbidden).
		says("They can read and follow it, and not write or vote there. Banning again changes the end and the reason."), a.banMember)
	do(a, s.delete("/groups/{group}/bans/{person}", "unbanMember", "Lift a ban").signedIn().fails(notFound, forbidden), a.unbanMember)
	handle(a, s.get("/groups/{group}/log", "listDecisions", "What moderators did in a group, and why").scope(read).fails(notFound).
		says("Who did it is told to those who moderate the group, and to admins."), a.Decisions)

	handle(a, s.get("/bans", "listSiteBans", "Who is banned from this server").scope(administer).signedIn().fails(forbidden), a.SiteBans)
	do(a, s.put("/bans/{person}", "banPerson", "Ban somebody from this server").scope(administer).confirmed().limited(a.limits.write).fails(notFound, forbidden).
		says("Admins only. Somebody from here can read and sign in, and do nothing else; what others say is refused."), a.banPerson)
	do(a, s.post("/people/{person}/pictures/take", "takePicture", "Take away a picture that somebody shows").scope(administer).signedIn().limited(a.limits.write).fails(notFound, forbidden).
		says("Who showed it is told why, if they are from here. Of somebody from elsewhere it is not shown here any more, until they show another."), a.takePicture)
	do(a, s.delete("/bans/{person}", "unbanPerson", "Let somebody back").scope(administer).signedIn().fails(notFound, forbidden), a.unbanPerson)
}
