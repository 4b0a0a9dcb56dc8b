package notifications_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"drystone/community"
	"drystone/internal/testdb"
	"drystone/storage"
)

// The owner of an account finds a word about what others could be behind, and
// nobody else does.
func TestWaysInAreTold(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db)
		ada := w.people["ada"].ID
		err := db.InTx(t.Context(), func(tx *storage.DB) error {
			for _, what := range []string{community.PasskeyCopied, community.PasskeyAdded, community.RecoveryCodeUsed, community.CodesTurnedOn, community.PasswordChanged} {
				if err := tx.Record(t.Context(), community.Fact{Kind: community.WayInChanged, ActorID: ada, TargetID: ada, Reason: what, At: noon}); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		w.read(t)
		if diff := cmp.Diff([]string{"passkey_copied by ada", "recovery_code_used by ada", "password_changed by ada"}, w.told(t, "ada")); diff != "" {
			t.Errorf("ada is told (-want +got):\n%s", diff)
		}
		if told := w.told(t, "bo"); len(told) != 0 {
			t.Errorf("bo is told %v", told)
		}
	})
}
