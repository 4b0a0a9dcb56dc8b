package storage

import (
	"context"
	"strconv"
	"time"

	"github.com/uptrace/bun"

	"drystone/community"
)

// AddMessage stores a message and sets its id, and where it has none the id by
// which others know it.
func (db *DB) AddMessage(ctx context.Context, m *community.Message, prefix string) (err error) {
	defer db.wrap(&err, "AddMessage(%d to %d)", m.SenderID, m.RecipientID)
	if _, err := db.write.NewInsert().Model(m).Returning("id").Exec(ctx); err != nil || m.IRI != "" {
		return err
	}
	m.IRI = prefix + strconv.FormatInt(int64(m.ID), 10)
	_, err = db.write.NewUpdate().Model(m).WherePK().Column("iri").Exec(ctx)
	return err
}

// Message returns the message with id.
func (db *DB) Message(ctx context.Context, id community.MessageID) (_ *community.Message, err error) {
	defer db.wrap(&err, "Message(%d)", id)
	m := &community.Message{ID: id}
	if err := db.read.NewSelect().Model(m).WherePK().Scan(ctx); err != nil {
		return nil, err
	}
	return m, nil
}

// MessagesByIRI returns the copies of a message by the id by which others know
// it: one for each person here to whom it is.
func (db *DB) MessagesByIRI(ctx context.Context, iri string) (_ []*community.Message, err error) {
	defer db.wrap(&err, "MessagesByIRI(%s)", iri)
	if iri == "" {
		return nil, nil
	}
	var list []*community.Message
	err = db.read.NewSelect().Model(&list).Where("iri = ? AND iri <> ''", iri).OrderExpr("id").Scan(ctx)
	return list, err
}

// SaveMessage stores what changed about a message.
func (db *DB) SaveMessage(ctx context.Context, m *community.Message) (err error) {
	defer db.wrap(&err, "SaveMessage(%d)", m.ID)
	_, err = db.write.NewUpdate().Model(m).WherePK().
		Column("body", "html", "edited_at", "deleted_at", "sender_dropped", "recipient_dropped").Exec(ctx)
	return err
}

// HoldCorrespondence makes other messages from sender wait for the end of the
// transaction, so that they are counted.
func (db *DB) HoldCorrespondence(ctx context.Context, sender community.ActorID) (err error) {
	defer db.wrap(&err, "HoldCorrespondence(%d)", sender)
	return db.hold(ctx, "messages:%d", sender)
}

// Correspondence counts what was between two people, since a time.
func (db *DB) Correspondence(ctx context.Context, sender, recipient community.ActorID, since time.Time) (_ community.Correspondence, err error) {
	defer db.wrap(&err, "Correspondence(%d, %d)", sender, recipient)
	var row struct{ Answered, Unanswered, Reached int }
	err = db.read.NewRaw(`SELECT
		(SELECT coalesce(max(id), 0) FROM messages WHERE sender_id = ?1 AND recipient_id = ?0) AS answered,
		(SELECT count(*) FROM messages WHERE sender_id = ?0 AND recipient_id = ?1 AND created_at > ?2
			AND id > (SELECT coalesce(max(id), 0) FROM messages WHERE sender_id = ?1 AND recipient_id = ?0)) AS unanswered,
		(SELECT count(DISTINCT m.recipient_id) FROM messages AS m WHERE m.sender_id = ?0 AND m.created_at > ?2
			AND NOT EXISTS (SELECT 1 FROM messages AS a WHERE a.sender_id = m.recipient_id AND a.recipient_id = ?0)) AS reached`,
		sender, recipient, since).Scan(ctx, &row)
	return community.Correspondence{Known: row.Answered > 0, Unanswered: row.Unanswered, Reached: row.Reached}, err
}

// mine are the messages that reader still sees, with the other of the two.
const mine = `SELECT id, recipient_id AS other, 0 AS unread FROM messages WHERE sender_id = ?0 AND NOT sender_dropped
	UNION ALL SELECT id, sender_id AS other, CASE WHEN read_at IS NULL AND deleted_at IS NULL THEN 1 ELSE 0 END AS unread
	FROM messages WHERE recipient_id = ?0 AND NOT recipient_dropped`

// unshunned leaves out messages with whom ?0 keeps away at ?1, or where they
// live.
const unshunned = ` NOT EXISTS (SELECT 1 FROM blocks AS b WHERE b.owner_id = ?0 AND b.kind = 'person' AND b.target_id = other AND (b.until IS NULL OR b.until > ?1))
	AND NOT EXISTS (SELECT 1 FROM blocks AS b JOIN actors AS h ON h.host = b.host WHERE b.owner_id = ?0 AND b.kind = 'server' AND h.id = other AND (b.until IS NULL OR b.until > ?1))`

// Conversations lists with whom reader has messages and whom they do not keep
// away, those with the newest first, and returns the cursor of the next page.
func (db *DB) Conversations(ctx context.Context, reader community.ActorID, now time.Time, page community.Page) (_ []*community.Conversation, next string, err error) {
	defer db.wrap(&err, "Conversations(%d)", reader)
	after := keyset{ID: 1<<62 - 1}
	if page.After != "" {
		if after, err = parseKeyset(page.After); err != nil {
			return nil, "", err
		}
	}
	var rows []struct {
		Other  community.ActorID
		Last   community.MessageID
		Unread int
	}
	err = db.read.NewRaw(`SELECT other, max(id) AS last, sum(unread) AS unread FROM (`+mine+`) AS m WHERE`+unshunned+`
		GROUP BY other HAVING max(id) < ?2 ORDER BY last DESC LIMIT ?3`, reader, now, after.ID, page.Limit+1).Scan(ctx, &rows)
	if err != nil {
		return nil, "", err
	}
	if len(rows) > page.Limit {
		rows = rows[:page.Limit]
		next = keyset{ID: int64(rows[page.Limit-1].Last)}.String()
	}
	people, last := make([]community.ActorID, len(rows)), make([]community.MessageID, len(rows))
	for i, row := range rows {
		people[i], last[i] = row.Other, row.Last
	}
	actors, err := db.Actors(ctx, people)
	if err != nil {
		return nil, "", err
	}
	messages, err := db.messages(ctx, last)
	if err != nil {
		return nil, "", err
	}
	list := make([]*community.Conversation, 0, len(rows))
	for _, row := range rows {
		if actors[row.Other] != nil && messages[row.Last] != nil {
			list = append(list, &community.Conversation{With: actors[row.Other], Last: messages[row.Last], Unread: row.Unread})
		}
	}
	return list, next, nil
}

func (db *DB) messages(ctx context.Context, ids []community.MessageID) (map[community.MessageID]*community.Message, error) {
	found := map[community.MessageID]*community.Message{}
	if len(ids) == 0 {
		return found, nil
	}
	var list []*community.Message
	err := db.read.NewSelect().Model(&list).Where("id IN (?)", bun.List(ids)).Scan(ctx)
	for _, m := range list {
		found[m.ID] = m
	}
	return found, err
}

// between is the condition on messages that reader still sees and other wrote
// or got.
const between = "(sender_id = ?0 AND recipient_id = ?1 AND NOT sender_dropped OR sender_id = ?1 AND recipient_id = ?0 AND NOT recipient_dropped)"

// MessagesBetween lists what reader and other wrote to each other, newest
// first, and returns the cursor of the next page.
func (db *DB) MessagesBetween(ctx context.Context, reader, other community.ActorID, page community.Page) (_ []*community.Message, next string, err error) {
	defer db.wrap(&err, "MessagesBetween(%d, %d)", reader, other)
	var list []*community.Message
	q := db.read.NewSelect().Model(&list).Where(between, reader, other)
	next, err = newest(ctx, q, &list, "id", page, func(x *community.Message) int64 { return int64(x.ID) })
	return list, next, err
}

// LastMessage returns the newest message from sender to recipient that is not
// deleted; nil, without an error, if there is none.
func (db *DB) LastMessage(ctx context.Context, sender, recipient community.ActorID, before community.MessageID) (_ *community.Message, err error) {
	defer db.wrap(&err, "LastMessage(%d, %d)", sender, recipient)
	var list []*community.Message
	err = db.read.NewSelect().Model(&list).
		Where("sender_id = ? AND recipient_id = ? AND id < ? AND deleted_at IS NULL", sender, recipient, before).
		OrderExpr("id DESC").Limit(1).Scan(ctx)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return list[0], nil
}

// ReadMessages notes that reader read what other wrote, up to a message.
func (db *DB) ReadMessages(ctx context.Context, reader, other community.ActorID, up community.MessageID, now time.Time) (err error) {
	defer db.wrap(&err, "ReadMessages(%d, %d)", reader, other)
	_, err = db.write.NewUpdate().Model((*community.Message)(nil)).Set("read_at = ?", now).
		Where("recipient_id = ? AND sender_id = ? AND id <= ? AND read_at IS NULL", reader, other, up).Exec(ctx)
	return err
}

// UnreadMessages counts what somebody has not read, but of whom they keep away,
// up to 100.
func (db *DB) UnreadMessages(ctx context.Context, reader community.ActorID, now time.Time) (_ int, err error) {
	defer db.wrap(&err, "UnreadMessages(%d)", reader)
	var n int
	err = db.read.NewRaw(`SELECT count(*) FROM (SELECT 1 FROM (SELECT sender_id AS other FROM messages
		WHERE recipient_id = ?0 AND read_at IS NULL AND deleted_at IS NULL AND NOT recipient_dropped) AS m WHERE`+unshunned+` LIMIT 100) AS unread`, reader, now).Scan(ctx, &n)
	return n, err
}

// DropConversation takes what reader and other wrote out of reader's sight.
func (db *DB) DropConversation(ctx context.Context, reader, other community.ActorID) (err error) {
	defer db.wrap(&err, "DropConversation(%d, %d)", reader, other)
	_, err = db.write.NewUpdate().Model((*community.Message)(nil)).Set("sender_dropped = TRUE").
		Where("sender_id = ? AND recipient_id = ? AND NOT sender_dropped", reader, other).Exec(ctx)
	if err != nil {
		return err
	}
	_, err = db.write.NewUpdate().Model((*community.Message)(nil)).Set("recipient_dropped = TRUE").
		Where("sender_id = ? AND recipient_id = ? AND NOT recipient_dropped", other, reader).Exec(ctx)
	return err
}

// TrimMessages forgets the words of messages that were deleted before a time,
// and what both dropped.
func (db *DB) TrimMessages(ctx context.Context, before time.Time) (err error) {
	defer db.wrap(&err, "TrimMessages")
	_, err = db.write.NewUpdate().Model((*community.Message)(nil)).Set("body = '', html = ''").
		Where("deleted_at IS NOT NULL AND deleted_at < ? AND html <> ''", before).Exec(ctx)
	if err != nil {
		return err
	}
	_, err = db.write.NewUpdate().Model((*community.Message)(nil)).Set("body = '', html = ''").
		Where("sender_dropped AND recipient_dropped AND html <> ''").Exec(ctx)
	return err
}

// AddRefusal notes that somebody is told of a refusal, and reports false if
// they were told already.
func (db *DB) AddRefusal(ctx context.Context, r *community.Refusal) (_ bool, err error) {
	defer db.wrap(&err, "AddRefusal(%s)", r.IRI)
	return one(db.write.NewInsert().Model(r).On("CONFLICT (iri) DO NOTHING").Exec(ctx))
}

// Refusals counts of how many refusals somebody heard since a time.
func (db *DB) Refusals(ctx context.Context, author community.ActorID, since time.Time) (_ int, err error) {
	defer db.wrap(&err, "Refusals(%d)", author)
	n, err := db.read.NewSelect().Model((*community.Refusal)(nil)).Where("author_id = ? AND created_at > ?", author, since).Count(ctx)
	return int(n), err
}

// TrimRefusals forgets refusals from before a time.
func (db *DB) TrimRefusals(ctx context.Context, before time.Time) (err error) {
	defer db.wrap(&err, "TrimRefusals")
	_, err = db.write.NewDelete().Model((*community.Refusal)(nil)).Where("created_at < ?", before).Exec(ctx)
	return err
}
