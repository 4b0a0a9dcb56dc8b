package fediverse_test

import (
	"testing"

	"drystone/federation"
	"drystone/internal/fediverse"
	"drystone/internal/testdb"
)

// The same stories where we show nothing to whoever does not sign: all of
// them sign what they read, as their servers, and are shown what they need to
// check our signatures, and nobody waits for anybody.

func TestLemmyAndAuthorizedFetch(t *testing.T)  { strictly(t, fediverse.NewLemmy) }
func TestPieFedAndAuthorizedFetch(t *testing.T) { strictly(t, fediverse.NewPieFed) }
func TestMbinAndAuthorizedFetch(t *testing.T)   { strictly(t, fediverse.NewMbin) }

func TestMastodonAndAuthorizedFetch(t *testing.T) {
	withMicroblog(t, testdb.SQLiteDSN(t), fediverse.NewMastodon(t), demanding)
}

func strictly(t *testing.T, start func(testing.TB) *fediverse.Neighbour) {
	t.Helper()
	t.Run("in our group", func(t *testing.T) { visitUs(t, start(t), demanding) })
	t.Run("in theirs", func(t *testing.T) { visitThem(t, start(t), demanding) })
}

func demanding(o *federation.Options) { o.AuthorizedFetch = true }
