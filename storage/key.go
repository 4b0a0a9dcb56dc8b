package storage

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"drystone/community"
)

// key is the private RSA key of a local actor.
type key struct {
	bun.BaseModel `bun:"table:keys"`
	ActorID       community.ActorID `bun:",pk"`
	PrivateKey    string
	IRI           string
}

// AddKey stores the private key (PEM) of a local actor.
func (db *DB) AddKey(ctx context.Context, actor community.ActorID, pem string) (err error) {
	defer db.wrap(&err, "AddKey(%d)", actor)
	_, err = db.write.NewInsert().Model(&key{ActorID: actor, PrivateKey: pem}).Exec(ctx)
	return err
}

// Key returns the private key (PEM) of a local actor.
func (db *DB) Key(ctx context.Context, actor community.ActorID) (_ string, err error) {
	_, pem, err := db.NamedKey(ctx, actor)
	return pem, err
}

// NamedKey is Key, with the id of the key: empty for an actor's first one.
func (db *DB) NamedKey(ctx context.Context, actor community.ActorID) (iri, pem string, err error) {
	defer db.wrap(&err, "NamedKey(%d)", actor)
	k := key{ActorID: actor}
	if err := db.read.NewSelect().Model(&k).WherePK().Scan(ctx); err != nil {
		return "", "", err
	}
	return k.IRI, k.PrivateKey, nil
}

// ActorKeys returns the keys of an actor beside that in its row, oldest
// first.
func (db *DB) ActorKeys(ctx context.Context, actor community.ActorID) (_ []*community.ActorKey, err error) {
	defer db.wrap(&err, "ActorKeys(%d)", actor)
	var keys []*community.ActorKey
	err = db.read.NewSelect().Model(&keys).Where("actor_id = ?", actor).OrderExpr("created_at, iri").Scan(ctx)
	return keys, err
}

// AddActorKey stores a key, unless there is one of its name.
func (db *DB) AddActorKey(ctx context.Context, k *community.ActorKey) (err error) {
	defer db.wrap(&err, "AddActorKey(%s)", k.IRI)
	_, err = db.write.NewInsert().Model(k).On("CONFLICT DO NOTHING").Exec(ctx)
	return err
}

// SaveRemoteKeys makes keys all that a remote actor has beside that in its
// row. Most have none, now and before.
func (db *DB) SaveRemoteKeys(ctx context.Context, actor community.ActorID, keys []*community.ActorKey) (err error) {
	defer db.wrap(&err, "SaveRemoteKeys(%d)", actor)
	before, err := db.ActorKeys(ctx, actor)
	if err != nil || len(before) == 0 && len(keys) == 0 {
		return err
	}
	return db.InTx(ctx, func(tx *DB) error {
		if _, err := tx.write.NewDelete().Model((*community.ActorKey)(nil)).Where("actor_id = ?", actor).Exec(ctx); err != nil {
			return err
		}
		for _, k := range keys {
			k.ActorID = actor
			if err := tx.AddActorKey(ctx, k); err != nil {
				return err
			}
		}
		return nil
	})
}

// ReplaceKey makes another RSA key that of a local actor.
func (db *DB) ReplaceKey(ctx context.Context, actor *community.Actor, privatePEM string) (err error) {
	defer db.wrap(&err, "ReplaceKey(%d)", actor.ID)
	if _, err := db.write.NewUpdate().Model(&key{ActorID: actor.ID, IRI: actor.KeyID, PrivateKey: privatePEM}).WherePK().Exec(ctx); err != nil {
		return err
	}
	_, err = db.write.NewUpdate().Model(actor).WherePK().Column("key_id", "public_key", "updated_at").Exec(ctx)
	return err
}

// SaveActorKey stores a key of ours, new or known.
func (db *DB) SaveActorKey(ctx context.Context, k *community.ActorKey) (err error) {
	defer db.wrap(&err, "SaveActorKey(%s)", k.IRI)
	_, err = db.write.NewInsert().Model(k).On("CONFLICT (actor_id, iri) DO UPDATE").
		Set("state = EXCLUDED.state, last_activity = EXCLUDED.last_activity, retired_at = EXCLUDED.retired_at").Exec(ctx)
	return err
}

// ForgetActorKey deletes a key.
func (db *DB) ForgetActorKey(ctx context.Context, k *community.ActorKey) (err error) {
	defer db.wrap(&err, "ForgetActorKey(%s)", k.IRI)
	_, err = db.write.NewDelete().Model(k).WherePK().Exec(ctx)
	return err
}

// ForgetRetiredKeys deletes the keys that were retired before a time.
func (db *DB) ForgetRetiredKeys(ctx context.Context, before time.Time) (err error) {
	defer db.wrap(&err, "ForgetRetiredKeys")
	_, err = db.write.NewDelete().Model((*community.ActorKey)(nil)).
		Where("state = ? AND retired_at < ?", community.KeyRetired, before).Exec(ctx)
	return err
}
