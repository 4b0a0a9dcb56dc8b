package storage

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/uptrace/bun"

	"drystone/community"
	"drystone/fault"
)

// Actor returns the actor with id.
func (db *DB) Actor(ctx context.Context, id community.ActorID) (_ *community.Actor, err error) {
	defer db.wrap(&err, "Actor(%d)", id)
	return remembered(id, db.known().actors, func() (*community.Actor, error) { return db.actorWhere(ctx, "id = ?", id) })
}

// ActorByIRI returns the actor whose id in the fediverse is iri. Who is
// not let in yet is nobody there.
func (db *DB) ActorByIRI(ctx context.Context, iri string) (_ *community.Actor, err error) {
	defer db.wrap(&err, "ActorByIRI(%s)", iri)
	return remembered(iri, db.known().actorIRIs, func() (*community.Actor, error) {
		return db.actorWhere(ctx, "iri = ? AND kind NOT IN (?)", iri, bun.List(community.Outside))
	})
}

// ActorByKey returns the actor who owns the key called keyID.
func (db *DB) ActorByKey(ctx context.Context, keyID string) (_ *community.Actor, err error) {
	defer db.wrap(&err, "ActorByKey(%s)", keyID)
	return db.actorWhere(ctx, "key_id = ? AND key_id <> ''", keyID)
}

// ActorByHandle returns the actor that handle names, of one of the kinds; none
// is any but those who are not let in yet. Two actors of a remote host may share a name; kinds
// tell them apart.
func (db *DB) ActorByHandle(ctx context.Context, h community.Handle, kinds ...community.ActorKind) (_ *community.Actor, err error) {
	defer db.wrap(&err, "ActorByHandle(%s)", h)
	if len(kinds) == 0 {
		return db.actorWhere(ctx, "host = ? AND fold = ? AND kind NOT IN (?)", h.Host, community.FoldName(h.Name), bun.List(community.Outside))
	}
	return db.actorWhere(ctx, "host = ? AND fold = ? AND kind IN (?)", h.Host, community.FoldName(h.Name), bun.List(kinds))
}

func (db *DB) actorWhere(ctx context.Context, where string, args ...any) (*community.Actor, error) {
	actor := new(community.Actor)
	err := db.read.NewSelect().Model(actor).Where(where, args...).OrderExpr("id").Limit(1).Scan(ctx)
	if err != nil {
		return nil, err
	}
	return actor, nil
}

// Actors returns the actors with ids, by id. Unknown ids are left out.
func (db *DB) Actors(ctx context.Context, ids []community.ActorID) (_ map[community.ActorID]*community.Actor, err error) {
	defer db.wrap(&err, "Actors(%d ids)", len(ids))
	found := map[community.ActorID]*community.Actor{}
	if len(ids) == 0 {
		return found, nil
	}
	var actors []*community.Actor
	if err := db.read.NewSelect().Model(&actors).Where("id IN (?)", bun.List(ids)).Scan(ctx); err != nil {
		return nil, err
	}
	for _, a := range actors {
		found[a.ID] = a
	}
	return found, nil
}

// AddActor stores a new actor and sets its id. A name that is taken here, or
// that is read as one that is, is a Conflict.
func (db *DB) AddActor(ctx context.Context, actor *community.Actor) (err error) {
	defer db.wrap(&err, "AddActor(%s)", actor.IRI)
	actor.Fold = community.FoldName(actor.Name)
	if actor.Local() {
		actor.Skeleton = community.Skeleton(actor.Name)
		if err := db.hold(ctx, "name:%s", actor.Skeleton); err != nil {
			return err
		}
		switch other, err := db.Namesake(ctx, actor.Name); {
		case err == nil:
			return community.NameTaken(actor.Name, other.Name, nil)
		case !errors.Is(err, sql.ErrNoRows) && !fault.Is(err, fault.NotFound):
			return err
		}
	}
	_, err = db.write.NewInsert().Model(actor).Returning("id").Exec(ctx)
	return err
}

// Namesake returns an actor of this server whose name is read as name.
func (db *DB) Namesake(ctx context.Context, name string) (_ *community.Actor, err error) {
	defer db.wrap(&err, "Namesake(%s)", name)
	return db.actorWhere(ctx, "host = '' AND (skeleton = ? OR fold = ?)", community.Skeleton(name), community.FoldName(name))
}

// mostStaff bounds with whose names a new one is compared.
const mostStaff = 5000

// Staff returns who administers this server, and who moderates groups of it.
func (db *DB) Staff(ctx context.Context) (staff community.Staff, err error) {
	defer db.wrap(&err, "Staff")
	err = db.read.NewSelect().Model(&staff.Admins).
		Where("deleted_at IS NULL AND id IN (SELECT actor_id FROM accounts WHERE admin)").OrderExpr("id").Scan(ctx)
	if err != nil {
		return staff, err
	}
	err = db.read.NewSelect().Model(&staff.Moderators).Column("id", "kind", "name", "host", "title").
		Where("deleted_at IS NULL AND id IN (SELECT m.actor_id FROM memberships AS m JOIN actors AS g ON g.id = m.group_id WHERE g.host = '' AND m.role <> 'member')").
		OrderExpr("id").Limit(mostStaff).Scan(ctx)
	return staff, err
}

// SaveRemoteActor stores what its server says of a remote actor, new or
// known, and sets its id. What we count ourselves stays; what was said in a
// group that closed or opened counts for its authors accordingly.
func (db *DB) SaveRemoteActor(ctx context.Context, actor *community.Actor) (err error) {
	defer db.wrap(&err, "SaveRemoteActor(%s)", actor.IRI)
	if actor.Local() {
		return fault.New(fault.Internal, "%s is not remote", actor.IRI)
	}
	actor.Fold = community.FoldName(actor.Name)
	if !actor.IsGroup() {
		return db.upsertActor(ctx, actor)
	}
	return db.InTx(ctx, func(tx *DB) error {
		var known []community.Visibility
		if err := tx.write.NewRaw("SELECT visibility FROM actors WHERE iri = ? "+tx.root.dialect.forUpdate(), actor.IRI).Scan(ctx, &known); err != nil {
			return err
		}
		if err := tx.upsertActor(ctx, actor); err != nil || len(known) == 0 {
			return err
		}
		was := known[0] != community.Open
		switch {
		case was && !actor.Closed():
			return tx.RecountAuthors(ctx, actor.ID, 1)
		case !was && actor.Closed():
			return tx.RecountAuthors(ctx, actor.ID, -1)
		}
		return nil
	})
}

func (db *DB) upsertActor(ctx context.Context, actor *community.Actor) error {
	_, err := db.write.NewInsert().Model(actor).
		On("CONFLICT (iri) DO UPDATE").
		Set("kind = EXCLUDED.kind, name = EXCLUDED.name, fold = EXCLUDED.fold, title = EXCLUDED.title").
		Set("summary = EXCLUDED.summary, summary_html = EXCLUDED.summary_html, icon = EXCLUDED.icon, image = EXCLUDED.image").
		Set("url = EXCLUDED.url, inbox = EXCLUDED.inbox, shared_inbox = EXCLUDED.shared_inbox, outbox = EXCLUDED.outbox").
		Set("followers = EXCLUDED.followers, featured = EXCLUDED.featured, moderators = EXCLUDED.moderators").
		Set("key_id = EXCLUDED.key_id, public_key = EXCLUDED.public_key, locked = EXCLUDED.locked").
		Set("restricted = EXCLUDED.restricted, sensitive = EXCLUDED.sensitive, discoverable = EXCLUDED.discoverable").
		Set("visibility = EXCLUDED.visibility, indexable = EXCLUDED.indexable, updated_at = EXCLUDED.updated_at, fetched_at = EXCLUDED.fetched_at").
		Set("also_known_as = EXCLUDED.also_known_as, messages_from = EXCLUDED.messages_from, questions = EXCLUDED.questions").
		Set("deleted_at = NULL, peer_id = EXCLUDED.peer_id").
		Where("actor.host <> ''"). // never one of ours
		Returning("id").Exec(ctx)
	if err != nil {
		return err
	}
	return db.hideTaken(ctx, actor.ID)
}

// EditActor stores what a local person or moderator changed.
func (db *DB) EditActor(ctx context.Context, actor *community.Actor) (err error) {
	defer db.wrap(&err, "EditActor(%d)", actor.ID)
	_, err = db.write.NewUpdate().Model(actor).WherePK().
		Column("title", "summary", "summary_html", "restricted", "sensitive", "visibility", "locked", "discoverable", "indexable",
			"messages_from", "boosts_answers", "questions", "also_known_as", "updated_at").Exec(ctx)
	return err
}

// MoveActor stores where an actor lives now, empty for here, and since when.
func (db *DB) MoveActor(ctx context.Context, actor *community.Actor) (err error) {
	defer db.wrap(&err, "MoveActor(%d)", actor.ID)
	_, err = db.write.NewUpdate().Model(actor).WherePK().Column("moved_to", "moved_at", "updated_at").Exec(ctx)
	return err
}

// DeleteActor marks an actor as gone; its name stays taken.
func (db *DB) DeleteActor(ctx context.Context, id community.ActorID, now time.Time) (err error) {
	defer db.wrap(&err, "DeleteActor(%d)", id)
	if err := db.dropProfile(ctx, id); err != nil {
		return err
	}
	if _, err := db.write.NewRaw("INSERT INTO stale_words (kind, subject_id) VALUES (?, ?)", wordsOfActors, id).Exec(ctx); err != nil {
		return err
	}
	_, err = db.write.NewUpdate().Model((*community.Actor)(nil)).Where("id = ?", id).
		Set("deleted_at = ?, title = '', summary = '', summary_html = '', icon = '', image = '', also_known_as = '', public_key = '', key_id = ''", now).
		Exec(ctx)
	return err
}

// CloseGroup marks a group as gone and keeps what it says of itself: it may
// open again. It reports whether that is news.
func (db *DB) CloseGroup(ctx context.Context, id community.ActorID, now time.Time) (changed bool, err error) {
	defer db.wrap(&err, "CloseGroup(%d)", id)
	return one(db.write.NewUpdate().Model((*community.Actor)(nil)).Where("id = ? AND deleted_at IS NULL", id).
		Set("deleted_at = ?", now).Exec(ctx))
}

// WrittenBy lists what an actor wrote and did not withdraw, up to most posts
// and as many comments.
func (db *DB) WrittenBy(ctx context.Context, author community.ActorID, most int) (posts []community.PostID, comments []community.CommentID, err error) {
	defer db.wrap(&err, "WrittenBy(%d)", author)
	err = db.read.NewSelect().TableExpr("posts AS p").ColumnExpr("p.id").
		Where("p.author_id = ? AND p.deleted_at IS NULL", author).OrderExpr("p.id DESC").Limit(int64(most)).Scan(ctx, &posts)
	if err != nil {
		return nil, nil, err
	}
	err = db.read.NewSelect().TableExpr("comments AS c").ColumnExpr("c.id").
		Where("c.author_id = ? AND c.deleted_at IS NULL", author).OrderExpr("c.id DESC").Limit(int64(most)).Scan(ctx, &comments)
	return posts, comments, err
}

// WroteIn lists groups of this server in which an actor wrote, up to most.
func (db *DB) WroteIn(ctx context.Context, author community.ActorID, most int) (_ []*community.Actor, err error) {
	defer db.wrap(&err, "WroteIn(%d)", author)
	var groups []*community.Actor
	err = db.read.NewSelect().Model(&groups).
		Where("host = '' AND deleted_at IS NULL").
		Where("id IN (SELECT group_id FROM posts WHERE author_id = ? UNION SELECT group_id FROM comments WHERE author_id = ?)", author, author).
		OrderExpr("id").Limit(int64(most)).Scan(ctx)
	return groups, err
}
