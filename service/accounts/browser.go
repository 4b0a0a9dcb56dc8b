package accounts

import (
	"context"
	"encoding/binary"

	"drystone/community"
	"drystone/fault"
	"drystone/storage"
)

// Recognise notes that somebody signed in with a browser, and tells them by
// mail when it is one that they never signed in with before, though they did
// with others. browser is the secret that the browser keeps from the last
// time, or nothing; what is returned is for it to keep from now on. agent is
// what it calls itself.
func (s *Service) Recognise(ctx context.Context, who *Who, browser, agent string) (_ string, err error) {
	defer fault.Wrap(&err, "accounts.Recognise(%d)", who.Account.ID)
	if len(browser) != len(newSecret("")) {
		browser = newSecret("")
	}
	now := s.now()
	seen := &community.AccountBrowser{AccountID: who.Account.ID, Hash: browserHash(browser, who.Account.ID), SeenAt: now}
	err = s.DB.InTx(ctx, func(tx *storage.DB) error {
		known, others, err := tx.SeeBrowser(ctx, seen)
		if err != nil || known || !others {
			return err
		}
		return tx.PostLetter(ctx, community.Letter{
			Kind: community.NewSignIn, AccountID: who.Account.ID, Words: map[string]string{"agent": label(agent, maxAgent)}, At: now,
		})
	})
	return browser, err
}

// browserHash is another for each account, so that nobody can tell from the
// database which accounts share a browser.
func browserHash(secret string, account community.AccountID) []byte {
	return hashSecret(string(binary.BigEndian.AppendUint64(nil, uint64(account))) + secret) //nolint:gosec // ids are not negative
}
