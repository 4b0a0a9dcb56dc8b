package api_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"drystone/community"
	"drystone/internal/testdb"
	"drystone/service/accounts"
	"drystone/service/blocks"
	"drystone/service/feeds"
	"drystone/service/groups"
	"drystone/service/messages"
	"drystone/service/posts"
	"drystone/service/reports"
	"drystone/storage"
)

// askers are who asks: nobody, somebody who has nothing to do with it, the
// author, the moderator of the group, and the administrator of the server,
// who has no say in groups by that.
var askers = []string{"nobody", "dave", "bob", "alice", "ada"}

// A right is what each role gets when it asks for an operation on what bob
// wrote in alice's group, or on what is bob's own.
type right struct {
	body any // {role} stands for who asks
	want [5]int
}

var (
	everybody   = [5]int{200, 200, 200, 200, 200}
	signedIn    = [5]int{401, 200, 200, 200, 200}
	quietly     = [5]int{401, 204, 204, 204, 204}
	making      = [5]int{401, 201, 201, 201, 201}
	bobs        = [5]int{401, 404, 204, 404, 404} // of others' own things we do not even say that they exist
	authors     = [5]int{401, 403, 204, 403, 403}
	editing     = [5]int{401, 403, 200, 403, 403}
	moderates   = [5]int{401, 403, 403, 204, 403}
	administers = [5]int{401, 403, 403, 403, 204}
	operating   = [5]int{401, 403, 403, 403, 200}
	handles     = [5]int{401, 404, 403, 200, 200} // of others' reports we do not even say that they exist
)

var rights = map[string]right{
	"getInstance":     {nil, everybody},
	"previewMarkdown": {object{"body": "x"}, everybody},

	"signUp":              {object{"name": "new_{role}", "password": password}, [5]int{201, 201, 201, 201, 201}},
	"signIn":              {object{"name": "{role}", "password": "a wrong password"}, [5]int{401, 401, 401, 401, 401}},
	"signOut":             {nil, quietly},
	"beginPasskeySignUp":  {object{"name": "key_{role}"}, everybody},
	"finishPasskeySignUp": {object{"ceremony": "x", "credential": object{}}, [5]int{422, 422, 422, 422, 422}},
	"beginPasskeySignIn":  {object{}, everybody},
	"finishPasskeySignIn": {object{"ceremony": "x", "credential": object{}}, [5]int{422, 422, 422, 422, 422}},
	"recoverSession":      {object{"name": "{role}", "code": "aaaa-bbbb-cccc-dddd"}, [5]int{401, 401, 401, 401, 401}},
	"beginConfirmation":   {object{}, [5]int{401, 403, 200, 403, 403}}, // only bob has a passkey
	"confirmSession":      {object{}, [5]int{401, 422, 422, 422, 422}},

	"getTaste": {nil, signedIn},
	"setTaste": {object{"sort": "top", "within": "week"}, signedIn},

	"getMe":    {nil, signedIn},
	"editMe":   {object{"title": "I, {role}"}, signedIn},
	"deleteMe": {object{"name": "x"}, [5]int{401, 422, 422, 422, 422}}, // or nobody would be left: see TestDeleteMe
	// What is sent is no picture, and nobody looks at it who need not.
	"setMyAvatar":       {"x", [5]int{401, 422, 422, 422, 422}},
	"setMyBanner":       {"x", [5]int{401, 422, 422, 422, 422}},
	"deleteMyAvatar":    {nil, quietly},
	"deleteMyBanner":    {nil, quietly},
	"setGroupAvatar":    {"x", [5]int{401, 403, 403, 422, 403}},
	"setGroupBanner":    {"x", [5]int{401, 403, 403, 422, 403}},
	"deleteGroupAvatar": {nil, moderates},
	"deleteGroupBanner": {nil, moderates},

	"uploadMedia":   {"x", [5]int{401, 422, 422, 422, 422}},
	"getMedia":      {nil, [5]int{401, 404, 404, 404, 404}}, // nobody has uploaded anything: see TestMedia
	"describeMedia": {object{"alt": "x"}, [5]int{401, 404, 404, 404, 404}},
	"discardMedia":  {nil, [5]int{401, 404, 404, 404, 404}},
	"getMyMedia":    {nil, signedIn},

	"getSecurity":          {nil, signedIn},
	"setPassword":          {object{"password": "short"}, [5]int{401, 422, 422, 422, 422}}, // or they would need it: see TestSecurity
	"deletePassword":       {nil, [5]int{401, 404, 404, 404, 404}},                         // these have none
	"beginAuthenticator":   {object{}, [5]int{401, 403, 403, 403, 403}},
	"confirmAuthenticator": {object{"code": "123456"}, [5]int{401, 404, 404, 404, 404}},
	"deleteAuthenticator":  {nil, [5]int{401, 404, 404, 404, 404}},
	"renewRecoveryCodes":   {object{}, signedIn},
	"renamePasskey":        {object{"name": "x"}, [5]int{401, 404, 200, 404, 404}},
	"endOtherSessions":     {nil, quietly},

	"setMyEmail":         {object{"email": "{role}@mail.test"}, signedIn},
	"getMyProfile":       {nil, signedIn}, // each their own
	"editMyProfile":      {object{"interests": []string{"walls"}}, signedIn},
	"listMyFollowers":    {nil, signedIn},
	"listMyFollowing":    {nil, signedIn},
	"followPerson":       {nil, [5]int{401, 200, 422, 200, 200}}, // nobody follows themselves
	"unfollowPerson":     {nil, quietly},
	"endFollower":        {nil, [5]int{401, 404, 404, 404, 404}}, // bob follows nobody: see TestFollowRequests
	"listFollowRequests": {nil, signedIn},
	"acceptFollower":     {nil, [5]int{401, 404, 404, 404, 404}},
	"refuseFollower":     {nil, [5]int{401, 404, 404, 404, 404}},
	"listMyFacets":       {nil, signedIn},
	"getMyFacet":         {nil, signedIn},
	"setMyFacet":         {object{"title": "Somebody else", "bio": ""}, [5]int{401, 403, 403, 200, 403}}, // of these only alice is a member
	"deleteMyFacet":      {nil, quietly},

	"getMyAliases":      {nil, signedIn},
	"setMyAliases":      {object{"aliases": []string{}}, signedIn},
	"moveMe":            {object{"target": "@x@y.example"}, [5]int{401, 503, 503, 503, 503}}, // nobody is asked in this test
	"stay":              {nil, quietly},
	"getGroupAliases":   {nil, everybody},
	"setGroupAliases":   {object{"aliases": []string{}}, [5]int{401, 403, 403, 200, 403}},
	"moveGroup":         {object{"target": "!x@y.example"}, [5]int{401, 403, 403, 503, 403}},
	"stayGroup":         {nil, moderates},
	"listNotifications": {nil, signedIn},
	"readNotifications": {object{"up_to": 1}, quietly},
	"countUnread":       {nil, signedIn},
	"readNotification":  {nil, [5]int{401, 404, 404, 404, 404}}, // there is none: see TestNotices
	"listNotices":       {nil, signedIn},                        // each their own
	"setNotice":         {object{"page": true, "push": false, "mail": "off"}, quietly},
	"getPush":           {nil, signedIn},
	"setPush":           {object{"endpoint": "https://push.example/1", "keys": object{"p256dh": "x", "auth": "x"}}, [5]int{401, 422, 422, 422, 422}}, // see TestPush
	"deletePush":        {nil, quietly},
	"getPostWatch":      {nil, signedIn},
	"watchPost":         {object{"level": "all"}, quietly},
	"getGroupWatch":     {nil, signedIn},
	"watchGroup":        {object{"level": "nothing"}, quietly},
	"listen":            {nil, [5]int{401, 503, 503, 503, 503}}, // nothing is told in this test: see TestListening
	"listPasskeys":      {nil, signedIn},
	"beginPasskey":      {object{}, signedIn},
	"finishPasskey":     {object{"ceremony": "x", "credential": object{}}, [5]int{401, 422, 422, 422, 422}},
	"deletePasskey":     {nil, bobs},
	"listIdentities":    {nil, signedIn},
	"beginIdentity":     {object{}, [5]int{401, 404, 404, 404, 404}}, // there is no provider here: see TestProvider
	"deleteIdentity":    {nil, [5]int{401, 404, 404, 404, 404}},
	"listSessions":      {nil, signedIn},
	"endSession":        {nil, bobs},
	"listTokens":        {nil, signedIn},
	"createToken":       {object{"name": "x"}, making},
	"endToken":          {nil, bobs},
	"listApps":          {nil, signedIn},
	"disconnectApp":     {nil, bobs},

	"getMyImport":    {nil, [5]int{401, 404, 404, 404, 404}}, // they brought nothing
	"bringAlong":     {nil, [5]int{401, 422, 422, 422, 422}}, // no files: see TestExportAndImport
	"startMyImport":  {object{}, [5]int{401, 404, 404, 404, 404}},
	"listMyImport":   {nil, [5]int{401, 404, 404, 404, 404}},
	"stopMyImport":   {nil, quietly},
	"returnMe":       {nil, signedIn},
	"getMyExport":    {nil, signedIn},
	"exportMe":       {nil, making},
	"deleteMyExport": {nil, quietly},
	"getMyArchive":   {nil, [5]int{401, 404, 200, 404, 404}}, // bob's own

	"listGroups":  {nil, everybody},
	"createGroup": {object{"name": "of_{role}"}, making},
	"getGroup":    {nil, everybody},
	"editGroup":   {object{"title": "x"}, [5]int{401, 403, 403, 200, 403}},
	"joinGroup":   {nil, signedIn},
	"leaveGroup":  {nil, quietly},

	"listRequests":  {nil, [5]int{401, 403, 403, 200, 403}},
	"acceptRequest": {nil, [5]int{401, 403, 403, 404, 403}}, // carol does not ask
	"refuseRequest": {nil, [5]int{401, 403, 403, 404, 403}},
	"listMembers":   {nil, [5]int{401, 403, 403, 200, 403}},
	"removeMember":  {nil, [5]int{401, 403, 403, 404, 403}}, // nor is she a member

	// Bob keeps a feed, and whoever moderates its groups has no say in it.
	"listFeeds":       {nil, signedIn}, // each their own
	"createFeed":      {object{"name": "feed_{role}"}, making},
	"getFeed":         {nil, everybody},
	"editFeed":        {object{"title": "x"}, editing},
	"deleteFeed":      {nil, [5]int{401, 403, 204, 403, 204}},
	"addFeedGroup":    {nil, authors},
	"removeFeedGroup": {nil, authors},
	"listFeedPosts":   {nil, everybody},
	"getTag":          {nil, everybody},
	"listTagPosts":    {nil, everybody},
	"followFeed":      {nil, signedIn},
	"unfollowFeed":    {nil, quietly},

	"listQuestions":  {nil, everybody},
	"getResponses":   {nil, [5]int{401, 403, 403, 200, 403}},
	"listFeed":       {nil, everybody},
	"listGroupPosts": {nil, everybody},
	"createPost":     {object{"title": "x"}, making},
	"getPost":        {nil, everybody},
	"editPost":       {object{"title": "x"}, editing},
	"deletePost":     {nil, authors},
	"removePost":     {object{"reason": "x"}, moderates},
	"restorePost":    {nil, moderates},
	"readPost":       {object{}, signedIn}, // each their own
	"unreadPost":     {nil, quietly},
	"listSaved":      {nil, signedIn}, // each their own
	"savePost":       {nil, quietly},
	"unsavePost":     {nil, quietly},

	"listPostHistory":    {nil, everybody},
	"listCommentHistory": {nil, everybody},

	"listDrafts":      {nil, signedIn}, // each their own: see TestDrafts
	"getDraft":        {nil, [5]int{401, 404, 404, 404, 404}},
	"keepDraft":       {object{"version": 0, "title": "Beans"}, signedIn},
	"dropDraft":       {nil, quietly},
	"scheduleDraft":   {object{"publish_at": "2030-01-01T00:00:00Z"}, [5]int{401, 404, 404, 404, 404}},
	"unscheduleDraft": {nil, [5]int{401, 404, 404, 404, 404}},
	"publishDraft":    {nil, [5]int{401, 404, 404, 404, 404}},
	"saveComment":     {nil, quietly},
	"unsaveComment":   {nil, quietly},
	"votePost":        {object{"value": 1}, signedIn},
	"votePoll":        {object{"options": []string{"{option}"}}, signedIn},
	"chooseAnswer":    {object{"comment_id": "{answer}"}, [5]int{401, 403, 200, 200, 403}},
	"withdrawAnswer":  {nil, [5]int{401, 403, 204, 204, 403}},

	"lockPost":        {object{"reason": "x"}, moderates},
	"unlockPost":      {nil, moderates},
	"movePost":        {object{"group": "meadow"}, moderates},
	"featurePost":     {nil, moderates},
	"unfeaturePost":   {nil, moderates},
	"markPost":        {nil, moderates},
	"unmarkPost":      {nil, moderates},
	"lockComment":     {object{"reason": "x"}, moderates},
	"unlockComment":   {nil, moderates},
	"addModerator":    {nil, moderates},
	"removeModerator": {nil, moderates},
	"listBans":        {nil, [5]int{401, 403, 403, 200, 403}},
	"banMember":       {object{"reason": "x"}, moderates},
	"unbanMember":     {nil, moderates},
	"listDecisions":   {nil, everybody},
	"listSiteBans":    {nil, [5]int{401, 403, 403, 403, 200}},
	"banPerson":       {object{"reason": "x"}, administers},
	"unbanPerson":     {nil, administers},
	"takePicture":     {object{"picture": "avatar", "reason": "x"}, administers},

	"listQuotes":     {nil, signedIn}, // each their own
	"takeBackQuote":  {nil, bobs},
	"unquotePost":    {nil, authors},
	"unquoteComment": {nil, authors},

	"listComments":    {nil, everybody},
	"listNewComments": {nil, everybody},
	"createComment":   {object{"body": "x"}, making},
	"getComment":      {nil, everybody},
	"listReplies":     {nil, everybody},
	"editComment":     {object{"body": "x"}, editing},
	"deleteComment":   {nil, authors},
	"removeComment":   {object{"reason": "x"}, moderates},
	"restoreComment":  {nil, moderates},
	"voteComment":     {object{"value": 1}, signedIn},

	"getKeeping":      {nil, signedIn},                                              // each their part
	"offerGroup":      {object{"person": "carol"}, [5]int{401, 403, 403, 422, 403}}, // she does not moderate it: see TestHandover
	"declineGroup":    {nil, [5]int{401, 404, 404, 404, 404}},                       // nobody is offered anything
	"acceptGroup":     {nil, [5]int{401, 404, 404, 404, 404}},
	"claimGroup":      {object{"reason": "x"}, [5]int{401, 403, 403, 409, 403}}, // alice looks after it
	"unclaimGroup":    {nil, quietly},
	"listOrphans":     {nil, operating},
	"handOutGroup":    {object{"person": "bob"}, [5]int{401, 403, 403, 403, 409}},
	"refuseClaim":     {object{}, administers},
	"listPermissions": {nil, everybody},
	"listRoles":       {nil, everybody},
	"createRole":      {object{"name": "of {role}", "permissions": []string{"threads.lock"}}, [5]int{401, 403, 403, 201, 403}},
	"changeRole":      {object{"name": "from {role}", "permissions": []string{"threads.lock"}}, [5]int{401, 403, 403, 200, 403}},
	"dropRole":        {nil, moderates},
	"giveRole":        {object{"person": "carol", "role": "engagement"}, [5]int{401, 403, 403, 201, 403}},
	"renewRole":       {object{"note": "x"}, [5]int{401, 403, 403, 200, 403}},
	"endRole":         {nil, moderates},
	"listSiteRoles":   {nil, operating},
	"createSiteRole":  {object{"name": "of {role}", "permissions": []string{"site.peers"}}, [5]int{401, 403, 403, 403, 201}},
	"changeSiteRole":  {object{"name": "from {role}", "permissions": []string{"site.peers"}}, operating},
	"dropSiteRole":    {nil, administers},
	"giveSiteRole":    {object{"person": "carol", "role": "steward"}, [5]int{401, 403, 403, 403, 201}},
	"renewSiteRole":   {object{"note": "x"}, operating},
	"endSiteRole":     {nil, administers},

	// No mail is sent in this test, and nobody has a link.
	"recover":       {object{"name": "bob"}, [5]int{409, 409, 409, 409, 409}},
	"resetPassword": {object{"token": "x", "password": password}, [5]int{404, 404, 404, 404, 404}},
	"enterByLink":   {object{"token": "x"}, [5]int{404, 404, 404, 404, 404}},
	"verifyEmail":   {object{"token": "x"}, [5]int{404, 404, 404, 404, 404}},
	"getMyEmail":    {nil, signedIn},
	"askMyEmail":    {nil, [5]int{401, 409, 409, 409, 409}},
	"listAccounts":  {nil, operating},
	"handOutLink":   {nil, operating},
	"makeAdmin":     {nil, administers},
	"endAdmin":      {nil, administers},

	"listPeers":      {nil, operating},
	"getPeer":        {nil, operating},
	"retryPeer":      {nil, operating},
	"pausePeer":      {nil, operating},
	"resumePeer":     {nil, operating},
	"forgetPeer":     {nil, operating},
	"discardVotes":   {nil, operating},
	"reportPost":     {object{"reason": "x"}, [5]int{401, 201, 422, 201, 201}}, // nobody reports what is their own
	"reportComment":  {object{"reason": "x"}, [5]int{401, 201, 422, 201, 201}},
	"reportPerson":   {object{"reason": "x"}, [5]int{401, 201, 422, 201, 201}},
	"reportMessage":  {object{"reason": "x"}, [5]int{401, 404, 422, 404, 404}}, // who got it can: see TestReportedMessages
	"listReports":    {nil, signedIn},                                          // each their own
	"countReports":   {nil, signedIn},
	"getReport":      {nil, [5]int{401, 404, 200, 200, 200}},
	"withdrawReport": {nil, [5]int{401, 404, 204, 403, 403}},
	"resolveReport":  {object{"state": "resolved"}, handles},
	"claimReport":    {nil, handles},
	"unclaimReport":  {nil, handles},
	"warnPerson":     {object{"reason": "x", "group": "garden"}, [5]int{401, 403, 422, 201, 403}},
	"listWarnings":   {nil, signedIn}, // each what they may know

	"getJoining":          {nil, everybody},
	"beginWork":           {nil, everybody},
	"getInvite":           {nil, [5]int{404, 404, 404, 404, 404}}, // whoever has the code: see TestInvites
	"getMyApplication":    {nil, [5]int{401, 404, 404, 404, 404}}, // none of them applied: see TestApplying
	"replyApplication":    {object{"reply": "x"}, [5]int{401, 404, 404, 404, 404}},
	"withdrawApplication": {nil, [5]int{401, 404, 404, 404, 404}},
	"listMyInvites":       {nil, signedIn}, // each their own
	"createInvite":        {object{}, [5]int{401, 403, 403, 403, 201}},
	"revokeInvite":        {nil, [5]int{401, 404, 204, 404, 204}},
	"getSettledJoining":   {nil, operating},
	"settleJoining":       {object{"welcome": "x"}, operating},
	"listApplications":    {nil, operating},
	"acceptApplication":   {nil, operating},
	"refuseApplication":   {object{"reason": "x"}, operating},
	"askApplicant":        {object{"question": "x"}, operating},
	"listInvites":         {nil, operating},

	// Messages are for two people, and no admin's to see.
	"listConversations": {nil, signedIn},
	"getConversation":   {nil, signedIn}, // one's own
	"dropConversation":  {nil, quietly},
	"sendMessage":       {object{"body": "x"}, making},
	"readConversation":  {object{"up_to": 1}, quietly},
	"editMessage":       {object{"body": "y"}, [5]int{401, 404, 200, 404, 404}},
	"deleteMessage":     {nil, bobs},

	// What everybody keeps away, and agrees to, is their own.
	"listConsents":   {nil, signedIn},
	"setConsent":     {object{"allowed": true}, signedIn},
	"getInsights":    {nil, signedIn},
	"listViews":      {nil, signedIn},
	"listBlocks":     {nil, signedIn},
	"block":          {object{"note": "x"}, signedIn},
	"unblock":        {nil, quietly},
	"listMutes":      {nil, signedIn},
	"mute":           {object{}, signedIn},
	"unmute":         {nil, quietly},
	"muteWords":      {object{"words": "crossbow", "places": []string{"feeds"}}, making},
	"editMutedWords": {object{"words": "trebuchet", "places": []string{"feeds"}}, [5]int{401, 404, 200, 404, 404}},
	"unmuteWords":    {nil, bobs},

	"getPerson":          {nil, everybody},
	"listPersonPosts":    {nil, everybody},
	"listPersonComments": {nil, everybody},
	"search":             {nil, everybody},
	"complete":           {nil, everybody},
	"resolve":            {nil, [5]int{503, 503, 503, 503, 503}}, // nobody to ask here
	"getIntent":          {nil, [5]int{503, 503, 503, 503, 503}}, // nobody to ask here
}

// Who may not call this?
func TestRights(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db).settle()
		left := maps.Clone(rights)
		for _, op := range operations(t, w) {
			want, known := left[op.ID]
			delete(left, op.ID)
			if !known || op.Summary == "" {
				t.Errorf("%s (%s %s) is not in the table of rights, or has no summary", op.ID, op.method, op.path)
				continue
			}
			for i, role := range askers {
				path := "/api/v1" + target(w, op)
				if got := w.do(op.method, path, w.filled(want.body, role), fresh(w, role)); got.StatusCode != want.want[i] {
					t.Errorf("%s (%s %s) as %s = %d, want %d: %.200s", op.ID, op.method, path, role, got.StatusCode, want.want[i], got.text)
				}
			}
			// The document must say whether one has to sign in.
			if private := want.want[0] == 401 && op.ID != "signIn" && op.ID != "recoverSession"; private == slices.ContainsFunc(op.Security, func(s map[string][]string) bool { return len(s) == 0 }) {
				t.Errorf("%s: the document says security %v", op.ID, op.Security)
			}
		}
		for id := range left {
			t.Errorf("the table of rights has %s, which the document lacks", id)
		}
	})
}

// whom is who an operation is done to: bob, or somebody new where it would
// keep bob from the others.
func whom(w *world, op operation) string {
	switch op.ID {
	case "block", "unblock", "mute", "unmute", "addModerator", "removeModerator", "banMember", "unbanMember", "banPerson", "unbanPerson",
		"makeAdmin", "endAdmin":
		w.strangers++
		return w.person(fmt.Sprintf("stranger%d", w.strangers)).Actor.Name
	}
	return "bob"
}

// target is the path of op, about something new of bob's.
func target(w *world, op operation) string {
	ctx, bob := w.t.Context(), w.who["bob"]
	var id any
	feed := "growing@peer.example"
	switch {
	case strings.Contains(op.path, "{tag}"):
		return strings.Replace(op.path, "{tag}", "seeds", 1)
	case strings.Contains(op.path, "{host}"):
		_, err := w.db.PeerByHost(ctx, "peer.example", bob.Account.CreatedAt)
		w.check(err)
	case strings.Contains(op.path, "{feed}") && op.method != "GET" && !strings.HasSuffix(op.path, "/follow"):
		w.strangers++
		feed = fmt.Sprintf("bobs%d", w.strangers)
		_, err := w.feeds.Create(ctx, bob.Actor, feeds.Draft{Name: feed})
		w.check(err)
	case strings.Contains(op.path, "{feed}"):
		w.feed("growing")
	case op.ID == "beginConfirmation":
		w.passkey("bob")
	case strings.Contains(op.path, "{archive}"):
		id = "an-archive"
		w.check(w.db.AddExport(ctx, &community.Export{
			AccountID: bob.Account.ID, Name: "an-archive", State: community.ExportReady, CreatedAt: time.Now(), ExpiresAt: time.Now().Add(time.Hour),
		}))
	case !strings.Contains(op.path, "{id}"):
	case strings.Contains(op.path, "/claims/"):
		id = claim(w)
	case strings.Contains(op.path, "/roles/") || strings.Contains(op.path, "/grants/"):
		id = trust(w, op)
	case strings.HasPrefix(op.path, "/admin/applications"):
		id = w.applicant().ID
	case strings.HasPrefix(op.path, "/me/invites"):
		id = w.invitation(bob.Actor).ID
	case strings.HasPrefix(op.path, "/tokens"):
		_, token, err := w.accounts.CreateToken(ctx, bob, accounts.TokenDraft{Name: "x", Scopes: community.AllScopes})
		w.check(err)
		id = token.ID
	case strings.HasPrefix(op.path, "/me/apps"):
		_, with := w.browser("bob")
		w.in(w.t).app().allow(with, "prompt", "consent")
		list, err := w.clients.Connections(ctx, bob.Account.ID)
		w.check(err)
		id = list[0].ID
	case strings.HasPrefix(op.path, "/sessions"):
		_, session, err := w.accounts.StartSession(ctx, bob, "x")
		w.check(err)
		id = session.ID
	case strings.HasPrefix(op.path, "/passkeys"):
		w.passkey("bob") // the last way in is not given up
		id = w.passkey("bob").ID
	case strings.HasPrefix(op.path, "/reports"):
		post, err := w.posts.Publish(ctx, w.who["carol"].Actor, w.garden, posts.Draft{Title: "Fresh"})
		w.check(err)
		report, err := w.reports.File(ctx, bob.Actor, post.Subject(), reports.Draft{Reason: "x", Scope: community.ToModerators})
		w.check(err)
		id = report.ID
	case strings.HasPrefix(op.path, "/me/mutes/words"):
		w.strangers++
		words, err := w.blocks.MuteWords(ctx, bob.Actor, blocks.Words{Words: fmt.Sprintf("ballista %d", w.strangers), Places: community.InFeeds})
		w.check(err)
		id = words.ID
	case strings.HasPrefix(op.path, "/messages"):
		w.strangers++
		to := w.person(fmt.Sprintf("friend%d", w.strangers)).Actor
		m, err := w.messages.Send(ctx, bob.Actor, to, messages.Draft{Body: "Fresh"})
		w.check(err)
		id = m.ID
	case strings.Contains(op.path, "quote"):
		id = quotation(w, op)
	default:
		poll := &community.Poll{Options: []community.PollOption{{Text: "Saturday"}, {Text: "Sunday"}}}
		post, err := w.posts.Publish(ctx, bob.Actor, w.garden, posts.Draft{Title: "Fresh", Poll: poll})
		w.check(err)
		id = post.ID
		w.option = int64(poll.Options[0].ID)
		if strings.HasPrefix(op.path, "/comments") || op.ID == "chooseAnswer" {
			c, err := w.posts.Comment(ctx, bob.Actor, post.ID, 0, posts.Draft{Body: "Fresh"})
			w.check(err)
			w.answer = int64(c.ID)
		}
		if strings.HasPrefix(op.path, "/comments") {
			id = w.answer
		}
	}
	if op.ID == "movePost" && w.meadow == nil {
		meadow, err := w.groups.Create(ctx, w.who["alice"].Actor, groups.Draft{Name: "meadow"})
		w.check(err)
		w.meadow = meadow.Actor
	}
	if op.ID == "warnPerson" { // who takes part
		_, err := w.groups.Join(ctx, bob.Actor, w.garden, community.Origin{})
		w.check(err)
	}
	person := whom(w, op)
	if strings.HasPrefix(op.path, "/groups/") && person == "bob" || strings.HasPrefix(op.path, "/conversations") {
		person = "carol" // who is nothing to the group and to them, and is not among the roles
	}
	path := strings.NewReplacer("{group}", "garden", "{person}", person, "{kind}", "people", "{purpose}", "check_ins", "{name}", person, "{topic}", "replies", "{host}", "peer.example", "{feed}", feed, "{code}", "guessed", "{key}", "p-"+strings.ToLower(op.ID), "{archive}", fmt.Sprint(id), "{id}", fmt.Sprint(id)).Replace(op.path)
	switch op.ID {
	case "getIntent":
		path += "?account=x&uri=y"
	case "complete":
		path += "?q=@x"
	case "search", "resolve":
		path += "?q=x"
	}
	return path
}
