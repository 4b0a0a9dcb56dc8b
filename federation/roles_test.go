package federation_test

import (
	"testing"

	"drystone/community"
	"drystone/federation/as"
	"drystone/internal/testdb"
	"drystone/service/roles"
	"drystone/storage"
)

// Somebody of another server who has a role in a group of ours does from there
// what the role permits, and nothing else; when it ends, nothing.
func TestRolesFromElsewhere(t *testing.T) {
	tests := []struct {
		name   string
		permit community.Permission
		act    func(a *abroad, p *community.Post) map[string]any
		done   func(a *abroad, p *community.Post) bool
	}{
		{"removing a post", community.RemoveContent, func(a *abroad, p *community.Post) map[string]any {
			return a.act("Delete", a.lena, p.IRI, "summary", "said")
		}, func(_ *abroad, p *community.Post) bool { return !p.RemovedAt.IsZero() }},
		{"locking", community.LockThreads, func(a *abroad, p *community.Post) map[string]any {
			return a.act("Lock", a.lena, p.IRI)
		}, func(_ *abroad, p *community.Post) bool { return !p.LockedAt.IsZero() }},
		{"featuring", community.FeaturePosts, func(a *abroad, p *community.Post) map[string]any {
			return a.act("Add", a.lena, p.IRI, "target", a.cats.Featured)
		}, func(_ *abroad, p *community.Post) bool { return !p.FeaturedAt.IsZero() }},
		{"marking", community.MarkPosts, func(a *abroad, p *community.Post) map[string]any {
			return a.act("Update", a.lena, map[string]any{"type": "Page", "id": p.IRI, "attributedTo": a.ann.IRI, "name": "x", "sensitive": true})
		}, func(_ *abroad, p *community.Post) bool { return p.Sensitive }},
		{"banning", community.BanMembers, func(a *abroad, _ *community.Post) map[string]any {
			return a.act("Block", a.lena, a.nico.ID, "target", a.cats.IRI)
		}, func(a *abroad, _ *community.Post) bool {
			known, err := a.db.ActorByIRI(a.t.Context(), a.nico.ID)
			return err == nil && a.member(a.cats, known).Banned(a.now())
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			testdb.Each(t, func(t *testing.T, db *storage.DB) {
				a := newAbroad(t, db)
				ctx := t.Context()
				p, err := a.posts.Publish(ctx, a.ann, a.cats, postDraft("Mine"))
				if err != nil {
					t.Fatal(err)
				}
				say := func() bool {
					doc := test.act(a, p)
					doc["@context"], doc["cc"], doc["audience"] = as.NS, []string{a.cats.IRI}, a.cats.IRI
					a.send(a.lena, doc)
					return test.done(a, a.again(p))
				}
				if say() {
					t.Fatal("it was done without a role")
				}
				lena, err := db.ActorByIRI(ctx, a.lena.ID)
				if err != nil {
					t.Fatal(err)
				}
				svc, at := &roles.Service{DB: db, Now: a.now}, roles.Place{Group: a.cats}
				give := func(name string, p community.Permission) *community.RoleGrant {
					role, err := svc.Make(ctx, a.ann, at, roles.Draft{Name: name, Permits: community.Permissions{p}})
					if err != nil {
						t.Fatal(err)
					}
					g, err := svc.Give(ctx, a.ann, lena, at, roles.Gift{Role: role.Ref()})
					if err != nil {
						t.Fatal(err)
					}
					return g
				}
				give("Another", community.SeeMembers)
				if say() {
					t.Fatal("it was done with a role that permits something else")
				}
				g := give("The right one", test.permit)
				if err := svc.End(ctx, a.ann, at, g.ID); err != nil {
					t.Fatal(err)
				}
				if say() {
					t.Fatal("it was done when the role was over")
				}
				give("The right one again", test.permit)
				if !say() {
					t.Error("it was not done with the right role")
				}
			})
		})
	}
}
