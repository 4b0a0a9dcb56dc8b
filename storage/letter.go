package storage

import (
	"context"
	"encoding/json"
	"time"

	"drystone/community"
	"drystone/fault"
)

// The lanes of letters. They are beside those of the inbox (jobs.Lanes), so
// that a mail server that hangs holds up nothing but mail.
const (
	firstLetterLane = 1000
	letterLanes     = 2
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
	body, err := json.Marshal(letter)
	if err != nil {
		return err
	}
	_, err = db.AddJobs(ctx, []*community.Job{{
		Kind: community.JobLetter, Lane: firstLetterLane + int64(letter.AccountID)%letterLanes,
		Body: body, RunAt: letter.At, CreatedAt: letter.At,
	}})
	return err
}

// AddLink stores a link that is good for nothing until it is sealed, and sets
// its id.
func (db *DB) AddLink(ctx context.Context, link *community.AccountLink) (err error) {
	defer db.wrap(&err, "AddLink(%s, %d)", link.Kind, link.AccountID)
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

// EndLinks ends an account's links of one kind.
func (db *DB) EndLinks(ctx context.Context, account community.AccountID, kind community.LinkKind) (err error) {
	defer db.wrap(&err, "EndLinks(%s, %d)", kind, account)
	_, err = db.write.NewDelete().Model((*community.AccountLink)(nil)).Where("account_id = ? AND kind = ?", account, kind).Exec(ctx)
	return err
}
