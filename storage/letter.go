package storage

import (
	"context"
	"encoding/json"
	"time"

	"drystone/community"
	"drystone/fault"
)

// SendLetters says whether this server sends mail. Where it does not, letters
// that are posted go nowhere.
func (db *DB) SendLetters(yes bool) { db.root.letters.Store(yes) }

// SendsLetters reports whether this server sends mail.
func (db *DB) SendsLetters() bool { return db.root.letters.Load() }

// PostLetter has a letter sent once the transaction is done, or never if it is
// undone. A letter for an account goes to its verified address as it is now;
// without one there is nobody to send it to, and no error.
func (db *DB) PostLetter(ctx context.Context, letter community.Letter) (err error) {
	defer db.wrap(&err, "PostLetter(%s)", letter.Kind)
	if !db.SendsLetters() {
		return nil
	}
	if err := letter.Check(); err != nil {
		return err
	}
	if letter.To == "" {
		account, err := db.Account(ctx, letter.AccountID)
		if err != nil {
			return err
		}
		if letter.To = account.VerifiedEmail(); letter.To == "" {
			return nil
		}
	}
	due, err := db.LetterDue(ctx, &letter, letter.At)
	if err != nil {
		return err
	}
	body, err := json.Marshal(letter)
	if err != nil {
		return err
	}
	_, err = db.AddJobs(ctx, []*community.Job{{
		Kind: community.JobLetter, Lane: letter.Lane(), Body: body, RunAt: due, CreatedAt: letter.At,
	}})
	return err
}

// LetterDue is when a letter that could go out at a moment goes out: it may
// wait until whoever gets it wants to hear of anything.
func (db *DB) LetterDue(ctx context.Context, letter *community.Letter, at time.Time) (_ time.Time, err error) {
	defer db.wrap(&err, "LetterDue(%s)", letter.Kind)
	if letter.AccountID == 0 {
		return at, nil
	}
	account, err := db.Account(ctx, letter.AccountID)
	if err != nil {
		return at, err
	}
	profile, err := db.Profile(ctx, account.ActorID)
	if err != nil {
		return at, err
	}
	return letter.Due(profile, at), nil
}

// AddLink stores a link that is good for nothing until it is sealed, and sets
// its id.
func (db *DB) AddLink(ctx context.Context, link *community.AccountLink) (err error) {
	defer db.wrap(&err, "AddLink(%s, %d)", link.Kind, link.AccountID)
	link.AddressKey = community.FoldEmail(link.Address)
	_, err = db.write.NewInsert().Model(link).Returning("id").Exec(ctx)
	return err
}

// Link returns a link by its id.
func (db *DB) Link(ctx context.Context, id community.LinkID) (_ *community.AccountLink, err error) {
	defer db.wrap(&err, "Link(%d)", id)
	link := new(community.AccountLink)
	if err := db.read.NewSelect().Model(link).Where("id = ?", id).Scan(ctx); err != nil {
		return nil, err
	}
	return link, nil
}

// SealLink gives a link the hash of its secret. One that it had before is good
// for nothing any more. It is NotFound for a link that was used or ended.
func (db *DB) SealLink(ctx context.Context, id community.LinkID, hash []byte) (err error) {
	defer db.wrap(&err, "SealLink(%d)", id)
	sealed, err := one(db.write.NewUpdate().Model((*community.AccountLink)(nil)).Set("hash = ?", hash).Where("id = ?", id).Exec(ctx))
	if err == nil && !sealed {
		return fault.New(fault.NotFound, "The link is no longer good.")
	}
	return err
}

// LinkByHash returns the link of a kind whose secret has this hash.
func (db *DB) LinkByHash(ctx context.Context, kind community.LinkKind, hash []byte) (_ *community.AccountLink, err error) {
	defer db.wrap(&err, "LinkByHash(%s)", kind)
	link := new(community.AccountLink)
	if err := db.read.NewSelect().Model(link).Where("hash = ? AND kind = ?", hash, kind).Scan(ctx); err != nil {
		return nil, err
	}
	return link, nil
}

// TakeLink returns a link as LinkByHash does and forgets it: each is used once.
func (db *DB) TakeLink(ctx context.Context, kind community.LinkKind, hash []byte) (_ *community.AccountLink, err error) {
	defer db.wrap(&err, "TakeLink(%s)", kind)
	link := new(community.AccountLink)
	if err := db.write.NewDelete().Model(link).Where("hash = ? AND kind = ?", hash, kind).Returning("*").Scan(ctx); err != nil {
		return nil, err
	}
	return link, nil
}

// Links lists an account's links of one kind that are not over, newest first.
func (db *DB) Links(ctx context.Context, account community.AccountID, kind community.LinkKind, now time.Time) (_ []*community.AccountLink, err error) {
	defer db.wrap(&err, "Links(%s, %d)", kind, account)
	var list []*community.AccountLink
	err = db.read.NewSelect().Model(&list).Where("account_id = ? AND kind = ? AND expires_at > ?", account, kind, now).OrderExpr("id DESC").Scan(ctx)
	return list, err
}

// CountLinksTo counts the links of one kind that are not over and went to an
// address, whosever they are.
func (db *DB) CountLinksTo(ctx context.Context, kind community.LinkKind, address string, now time.Time) (_ int64, err error) {
	defer db.wrap(&err, "CountLinksTo(%s)", kind)
	return db.read.NewSelect().Model((*community.AccountLink)(nil)).
		Where("kind = ? AND address_key = ? AND expires_at > ?", kind, community.FoldEmail(address), now).Count(ctx)
}

// EndLinks ends an account's links of one kind.
func (db *DB) EndLinks(ctx context.Context, account community.AccountID, kind community.LinkKind) (err error) {
	defer db.wrap(&err, "EndLinks(%s, %d)", kind, account)
	_, err = db.write.NewDelete().Model((*community.AccountLink)(nil)).Where("account_id = ? AND kind = ?", account, kind).Exec(ctx)
	return err
}

// AccountByEmail returns the account whose verified address this is.
func (db *DB) AccountByEmail(ctx context.Context, address string) (_ *community.Account, err error) {
	defer db.wrap(&err, "AccountByEmail")
	return db.accountWhere(ctx, "email_key = ? AND email_verified_at IS NOT NULL", community.FoldEmail(address))
}

// SeeBrowser notes that an account's owner signed in with a browser, and
// reports whether they had before, and whether they had with any.
func (db *DB) SeeBrowser(ctx context.Context, browser *community.AccountBrowser) (known, others bool, err error) {
	defer db.wrap(&err, "SeeBrowser(%d)", browser.AccountID)
	if known, err = one(db.write.NewUpdate().Model(browser).WherePK().Column("seen_at").Exec(ctx)); err != nil || known {
		return known, known, err
	}
	if others, err = db.read.NewSelect().Model((*community.AccountBrowser)(nil)).Where("account_id = ?", browser.AccountID).Exists(ctx); err != nil {
		return false, false, err
	}
	_, err = db.write.NewInsert().Model(browser).On("CONFLICT DO NOTHING").Exec(ctx)
	return false, others, err
}
