package api_test

import "drystone/community"

// asks are the operations that not everybody may ask for, with what lets
// somebody: any of these. What is not here is for everybody who is signed in,
// or for whose it is.
var asks = map[string]community.Permissions{
	"removePost":        {community.RemoveContent},
	"restorePost":       {community.RemoveContent},
	"removeComment":     {community.RemoveContent},
	"restoreComment":    {community.RemoveContent},
	"lockPost":          {community.LockThreads},
	"unlockPost":        {community.LockThreads},
	"lockComment":       {community.LockThreads},
	"unlockComment":     {community.LockThreads},
	"movePost":          {community.MoveThreads},
	"featurePost":       {community.FeaturePosts},
	"unfeaturePost":     {community.FeaturePosts},
	"markPost":          {community.MarkPosts},
	"unmarkPost":        {community.MarkPosts},
	"chooseAnswer":      {community.ChooseAnswers},
	"withdrawAnswer":    {community.ChooseAnswers},
	"getResponses":      {community.SeeMetrics},
	"getReport":         {community.HandleReports, community.SiteReports},
	"resolveReport":     {community.HandleReports, community.SiteReports},
	"claimReport":       {community.HandleReports, community.SiteReports},
	"unclaimReport":     {community.HandleReports, community.SiteReports},
	"warnPerson":        {community.WarnMembers},
	"listBans":          {community.BanMembers},
	"banMember":         {community.BanMembers},
	"unbanMember":       {community.BanMembers},
	"listRequests":      {community.AdmitMembers},
	"acceptRequest":     {community.AdmitMembers},
	"refuseRequest":     {community.AdmitMembers},
	"listMembers":       {community.SeeMembers},
	"removeMember":      {community.RemoveMembers},
	"editGroup":         {community.EditGroup},
	"setGroupAvatar":    {community.EditGroup},
	"setGroupBanner":    {community.EditGroup},
	"deleteGroupAvatar": {community.EditGroup},
	"deleteGroupBanner": {community.EditGroup},
	"addModerator":      {community.AppointOthers},
	"removeModerator":   {community.AppointOthers},
	"createRole":        {community.GiveRoles},
	"changeRole":        {community.GiveRoles},
	"dropRole":          {community.GiveRoles},
	"giveRole":          {community.GiveRoles},
	"renewRole":         {community.GiveRoles},
	"endRole":           {community.GiveRoles},
	"moveGroup":         {community.MoveGroup},
	"setGroupAliases":   {community.MoveGroup},
	"stayGroup":         {community.MoveGroup},
	"offerGroup":        {community.HandOver},

	"listApplications":  {community.SiteApplications},
	"acceptApplication": {community.SiteApplications},
	"refuseApplication": {community.SiteApplications},
	"askApplicant":      {community.SiteApplications},
	"listInvites":       {community.SiteInvites},
	"createInvite":      {community.SiteInvites},
	"revokeInvite":      {community.SiteInvites},
	"getSettledJoining": {community.SiteSettings},
	"settleJoining":     {community.SiteSettings},

	"listSiteBans":   {community.SiteBans},
	"banPerson":      {community.SiteBans},
	"unbanPerson":    {community.SiteBans},
	"takePicture":    {community.SitePictures},
	"listSiteRoles":  {community.GiveSiteRoles},
	"giveSiteRole":   {community.GiveSiteRoles},
	"createSiteRole": {community.GiveSiteRoles},
	"changeSiteRole": {community.GiveSiteRoles},
	"dropSiteRole":   {community.GiveSiteRoles},
	"renewSiteRole":  {community.GiveSiteRoles},
	"endSiteRole":    {community.GiveSiteRoles},
	"listOrphans":    {community.SiteGroups},
	"handOutGroup":   {community.SiteGroups},
	"refuseClaim":    {community.SiteGroups},
	"deleteFeed":     {community.SiteFeeds},
	"listAccounts":   {community.SiteAccounts},
	"handOutLink":    {community.SiteAccounts},
	"makeAdmin":      {community.SiteAdmins},
	"endAdmin":       {community.SiteAdmins},
	"listPeers":      {community.SitePeers},
	"getPeer":        {community.SitePeers},
	"retryPeer":      {community.SitePeers},
	"pausePeer":      {community.SitePeers},
	"resumePeer":     {community.SitePeers},
	"forgetPeer":     {community.SitePeers},
	"discardVotes":   {community.SitePeers},
}

// alsoAsked are permissions that decide about a part of what an operation does,
// and that tests of their own try.
var alsoAsked = community.Permissions{
	community.StartThreads,  // createPost, where only some begin threads
	community.SeeDeciders,   // listDecisions, which says who decided
	community.SiteLogs,      // the same, in any group
	community.SetVisibility, // editGroup
	community.SiteWarnings,  // warnPerson, in no group
	community.SiteThreads,   // movePost, out of a group in which one may
}

// exceptional are cells in which something else decides, too: nobody gives,
// or ends, a role of which they have not got all.
func exceptional(id string, h holder) bool {
	return (id == "giveRole" || id == "renewRole" || id == "endRole") && h.short == community.Administration[:3]
}

// prepare makes what an operation is about as somebody meets it who may ask for
// it.
func prepare(w *world, op operation) {
	w.t.Helper()
	ctx, carol := w.t.Context(), w.who["carol"].Actor
	switch op.ID {
	case "acceptRequest", "refuseRequest":
		w.check(w.db.SaveMembership(ctx, &community.Membership{
			GroupID: w.garden.ID, ActorID: carol.ID, Role: community.Member, State: community.Pending, CreatedAt: w.who["carol"].Account.CreatedAt,
		}))
	case "removeMember":
		_, err := w.groups.Join(ctx, carol, w.garden, community.Origin{})
		w.check(err)
	case "movePost":
		w.check(w.moderation.AddModerator(ctx, w.who["alice"].Actor, w.meadow, w.who["p_mod"].Actor, community.Origin{}))
	}
}
