package search_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"drystone/community"
	"drystone/fault"
	"drystone/internal/testdb"
	"drystone/service/search"
	"drystone/storage"
)

// names makes people and groups to complete the names of.
func names(t *testing.T, db *storage.DB) map[string]*community.Actor {
	t.Helper()
	all := map[string]*community.Actor{}
	for i, a := range []*community.Actor{
		{Name: "alice", Discoverable: true},
		{Name: "alicia", Host: "far.example", Discoverable: true, MemberCount: 9},
		{Name: "alien", Host: "far.example", Discoverable: true, MemberCount: 500},
		{Name: "alistair", Host: "far.example"},
		{Name: "Al_bert", Discoverable: true},
		{Name: "alan", Discoverable: true, DeletedAt: noon},
		{Name: "reader"},
		{Name: "allotments", Kind: community.GroupKind, Discoverable: true, MemberCount: 3},
		{Name: "allsorts", Host: "far.example", Kind: community.GroupKind, Discoverable: true, MemberCount: 3000},
		{Name: "allies", Kind: community.GroupKind, Visibility: community.LocalOnly, Discoverable: true},
		{Name: "allusions", Kind: community.GroupKind, Visibility: community.Private},
	} {
		if a.Kind == "" {
			a.Kind = community.Person
		}
		a.IRI, a.CreatedAt, a.UpdatedAt = "https://x.test/"+a.Name, noon.Add(time.Duration(i)), noon
		if err := db.AddActor(t.Context(), a); err != nil {
			t.Fatal(err)
		}
		all[a.Name] = a
	}
	return all
}

func TestComplete(t *testing.T) {
	tests := []struct{ name, reader, text, want string }{
		{"here before elsewhere, then who is known", "", "@al", "Al_bert alice alien@far.example alicia@far.example"},
		{"one letter", "", "@A", "Al_bert alice alien@far.example alicia@far.example"},
		{"five letters, by the fifth", "", "@alici", "alicia@far.example"},
		{"an underscore is itself", "", "@al_", "Al_bert"},
		{"the whole name first", "", "@alice", "alice"},
		{"with a host", "", "@alicia@fa", "alicia@far.example"},
		{"another host", "", "@alicia@ne", ""},
		{"who is not listed", "", "@alist", ""},
		{"who is not listed, by the whole handle", "", "@alistair@far.example", "alistair@far.example"},
		{"at home", "", "@alice@here.test", "alice"},
		{"nobody", "", "@", ""},
		{"no name", "", "@al%", ""},
		{"not a name", "", "@al ice", ""},
		{"groups", "", "!al", "allotments allsorts@far.example"},
		{"groups of who is signed in", "reader", "!all", "allotments allies allsorts@far.example"},
		{"a private group, by its name", "", "!allusions", ""},
		{"who shares a group first", "reader", "@al", "alicia@far.example alice alien@far.example"},
	}
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		s := &search.Service{DB: db, Host: "here.test", Now: func() time.Time { return noon }}
		all := names(t, db)
		for _, name := range []string{"alicia", "reader"} {
			m := &community.Membership{GroupID: all["allotments"].ID, ActorID: all[name].ID, Role: community.Member, State: community.Accepted, CreatedAt: noon}
			if err := db.SaveMembership(t.Context(), m); err != nil {
				t.Fatal(err)
			}
		}
		// The reader keeps one away.
		err := db.SaveBlock(t.Context(), &community.Block{OwnerID: all["reader"].ID, Kind: community.BlockPerson, TargetID: all["Al_bert"].ID, CreatedAt: noon})
		if err != nil {
			t.Fatal(err)
		}
		for _, test := range tests {
			found, err := s.Complete(t.Context(), all[test.reader], test.text, 10)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, a := range found {
				got = append(got, a.Handle())
			}
			want := strings.Fields(test.want)
			if !slices.Equal(got, want) {
				t.Errorf("%s: Complete(%q) = %q, want %q", test.name, test.text, got, want)
			}
		}
		for _, text := range []string{"", "al", "#al"} {
			if _, err := s.Complete(t.Context(), nil, text, 10); !fault.Is(err, fault.Invalid) {
				t.Errorf("Complete(%q) = %v", text, err)
			}
		}
		for _, text := range []string{"@\x00", "@" + strings.Repeat("ß", 10_000), "@\u202e\u200b", "!'\"%"} {
			if found, err := s.Complete(t.Context(), nil, text, 10); err != nil || len(found) != 0 {
				t.Errorf("Complete(%.20q) = %v, %v", text, found, err)
			}
		}
	})
}
