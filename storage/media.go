package storage

import (
	"context"
	"time"

	"drystone/community"
)

// Picture returns what somebody or a group shows; NotFound where nothing.
func (db *DB) Picture(ctx context.Context, actor community.ActorID, use community.PictureUse) (_ *community.Picture, err error) {
	defer db.wrap(&err, "Picture(%d, %s)", actor, use)
	p := new(community.Picture)
	return p, db.read.NewSelect().Model(p).Where("actor_id = ? AND use = ?", actor, use).Scan(ctx)
}

// KeepMedia notes, before it is stored, that a picture's files may lie in the
// store, and that nobody may delete them before a time.
func (db *DB) KeepMedia(ctx context.Context, name string, now, until time.Time) (err error) {
	defer db.wrap(&err, "KeepMedia(%s)", name)
	if err := db.hold(ctx, "media:%s", name); err != nil {
		return err
	}
	_, err = db.write.NewRaw(`INSERT INTO media (name, created_at, kept_until) VALUES (?, ?, ?)
		ON CONFLICT (name) DO UPDATE SET kept_until = EXCLUDED.kept_until`, name, now, until).Exec(ctx)
	return err
}

// SetPicture has an actor of this server show a picture, at an address, in
// place of the one before.
func (db *DB) SetPicture(ctx context.Context, p *community.Picture, address string) (err error) {
	defer db.wrap(&err, "SetPicture(%d, %s)", p.ActorID, p.Use)
	_, err = db.write.NewInsert().Model(p).On("CONFLICT (actor_id, use) DO UPDATE").
		Set("name = EXCLUDED.name, created_at = EXCLUDED.created_at").Exec(ctx)
	if err != nil {
		return err
	}
	return db.show(ctx, p.ActorID, p.Use, address, p.CreatedAt)
}

// DropPicture has an actor show nothing, and reports whether that is news.
func (db *DB) DropPicture(ctx context.Context, actor community.ActorID, use community.PictureUse, now time.Time) (_ bool, err error) {
	defer db.wrap(&err, "DropPicture(%d, %s)", actor, use)
	gone, err := one(db.write.NewDelete().Model((*community.Picture)(nil)).Where("actor_id = ? AND use = ?", actor, use).Exec(ctx))
	if err != nil || !gone {
		return gone, err
	}
	return true, db.show(ctx, actor, use, "", now)
}

func (db *DB) show(ctx context.Context, actor community.ActorID, use community.PictureUse, address string, now time.Time) error {
	_, err := db.write.NewUpdate().Model((*community.Actor)(nil)).Where("id = ?", actor).
		Set(pictureColumn(use)+" = ?, updated_at = ?", address, now).Exec(ctx)
	return err
}

// unshown is what holds for files that nobody shows and nothing keeps.
const unshown = "kept_until <= ? AND NOT EXISTS (SELECT 1 FROM pictures AS p WHERE p.name = media.name)" +
	" AND NOT EXISTS (SELECT 1 FROM attachments AS a WHERE a.name = media.name)"

// UnshownMedia lists pictures whose files can be deleted.
func (db *DB) UnshownMedia(ctx context.Context, now time.Time, most int) (names []string, err error) {
	defer db.wrap(&err, "UnshownMedia")
	err = db.read.NewSelect().TableExpr("media").Column("name").Where(unshown, now).OrderExpr("kept_until, name").Limit(int64(most)).Scan(ctx, &names)
	return names, err
}

// DropMedia forgets a picture's files, unless somebody shows them by now, and
// reports whether it did. Nobody keeps or shows them before the transaction
// ends.
func (db *DB) DropMedia(ctx context.Context, name string, now time.Time) (_ bool, err error) {
	defer db.wrap(&err, "DropMedia(%s)", name)
	if err := db.hold(ctx, "media:%s", name); err != nil {
		return false, err
	}
	return one(db.write.NewDelete().TableExpr("media").Where("name = ? AND "+unshown, name, now).Exec(ctx))
}

// TakePicture has an actor of another server show nothing here in place of the
// picture that they show now, and reports whether they show one.
func (db *DB) TakePicture(ctx context.Context, actor community.ActorID, use community.PictureUse, now time.Time) (_ bool, err error) {
	defer db.wrap(&err, "TakePicture(%d, %s)", actor, use)
	column := pictureColumn(use)
	taken, err := one(db.write.NewRaw("INSERT INTO taken_pictures (actor_id, use, address, taken_at) SELECT id, ?, "+column+", ? FROM actors WHERE id = ? AND "+column+" <> ''"+
		" ON CONFLICT (actor_id, use) DO UPDATE SET address = EXCLUDED.address, taken_at = EXCLUDED.taken_at", use, now, actor).Exec(ctx))
	if err != nil || !taken {
		return taken, err
	}
	return true, db.hideTaken(ctx, actor)
}

// hideTaken leaves out of an actor of another server what was taken away here:
// their server goes on saying that they show it.
func (db *DB) hideTaken(ctx context.Context, actor community.ActorID) error {
	for _, use := range []community.PictureUse{community.Avatar, community.Banner} {
		column := pictureColumn(use)
		_, err := db.write.NewRaw("UPDATE actors SET "+column+" = '' WHERE id = ? AND "+column+" <> '' AND "+column+
			" = (SELECT address FROM taken_pictures WHERE actor_id = ? AND use = ?)", actor, actor, use).Exec(ctx)
		if err != nil {
			return err
		}
	}
	return nil
}

func pictureColumn(use community.PictureUse) string {
	if use == community.Banner {
		return "image"
	}
	return "icon"
}
