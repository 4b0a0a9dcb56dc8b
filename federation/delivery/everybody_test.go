package delivery

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"drystone/community"
)

// What is for everybody is one row, and goes once to each server, whether it
// follows anything or not: also to one that was down when it was said, and
// not again when delivery begins anew.
func TestDeliveryToEverybody(t *testing.T) {
	onStage(t, func(t *testing.T, s *stage) {
		s.follow("a.test", "ann", "https://a.test/inbox")
		s.follow("a.test", "abe", "https://a.test/inbox")
		s.actor(community.Person, "ben", "b.test", "https://b.test/inbox") // follows nothing
		s.actor(community.Person, "cat", "c.test", "https://c.test/inbox")
		s.runs("c.test", "mastodon")
		s.answer = func(host, _ string, try int) error {
			if host == "b.test" && try == 1 {
				return errDown
			}
			return nil
		}
		everybody := func() string {
			return s.sayIn(community.Activity{Lane: 1, Kind: "Delete", Audience: community.Everybody, Public: true})
		}
		want := []string{everybody()}
		// What only some software takes goes to none that is not known to.
		s.runs("a.test", "lemmy")
		aware := s.sayIn(community.Activity{Lane: 1, Kind: "Block", Audience: community.Everybody, Form: community.Aware, Public: true})
		stop := s.run(s.delivery())
		synctest.Wait()
		want = append(want, everybody())
		time.Sleep(time.Minute)
		stop()
		stop = s.run(s.delivery())
		time.Sleep(time.Minute)
		stop()
		for host, want := range map[string][]string{"a.test": slices.Insert(slices.Clone(want), 1, aware), "b.test": want, "c.test": want} {
			if got := s.got(host); !slices.Equal(got, want) {
				t.Errorf("%s heard %v, want %v", host, got, want)
			}
		}
	})
}
