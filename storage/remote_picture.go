package storage

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"drystone/community"
)

// RemotePicture returns what came of fetching a picture.
func (db *DB) RemotePicture(ctx context.Context, key string) (_ *community.RemotePicture, err error) {
	defer db.wrap(&err, "RemotePicture(%s)", key)
	p := new(community.RemotePicture)
	return p, db.read.NewSelect().Model(p).Where("key = ?", key).Scan(ctx)
}

// SaveRemotePicture stores what came of fetching a picture.
func (db *DB) SaveRemotePicture(ctx context.Context, p *community.RemotePicture) (err error) {
	defer db.wrap(&err, "SaveRemotePicture(%s)", p.Key)
	_, err = db.write.NewInsert().Model(p).On("CONFLICT (key) DO UPDATE").
		Set("name = EXCLUDED.name, size = EXCLUDED.size, etag = EXCLUDED.etag, fetched_at = EXCLUDED.fetched_at, used_at = EXCLUDED.used_at, retry_at = EXCLUDED.retry_at").Exec(ctx)
	return err
}

// UseRemotePicture notes when a picture was shown.
func (db *DB) UseRemotePicture(ctx context.Context, key string, now time.Time) (err error) {
	defer db.wrap(&err, "UseRemotePicture(%s)", key)
	_, err = db.write.NewUpdate().Model((*community.RemotePicture)(nil)).Set("used_at = ?", now).Where("key = ?", key).Exec(ctx)
	return err
}

// IdleRemotePictures lists up to most pictures that were not shown since a
// time, those first that were shown the longest ago.
func (db *DB) IdleRemotePictures(ctx context.Context, before time.Time, most int) (list []*community.RemotePicture, err error) {
	defer db.wrap(&err, "IdleRemotePictures")
	err = db.read.NewSelect().Model(&list).Where("used_at <= ?", before).OrderExpr("used_at, key").Limit(int64(most)).Scan(ctx)
	return list, err
}

// RemoteUse counts pictures of other servers that are here, and their bytes.
func (db *DB) RemoteUse(ctx context.Context) (files, bytes int64, err error) {
	defer db.wrap(&err, "RemoteUse")
	err = db.read.NewSelect().TableExpr("remote_pictures").ColumnExpr("count(*), coalesce(sum(size), 0)").Where("name <> ''").Scan(ctx, &files, &bytes)
	return files, bytes, err
}

// DropRemotePicture forgets what came of fetching a picture.
func (db *DB) DropRemotePicture(ctx context.Context, key string) (err error) {
	defer db.wrap(&err, "DropRemotePicture(%s)", key)
	_, err = db.write.NewDelete().Model((*community.RemotePicture)(nil)).Where("key = ?", key).Exec(ctx)
	return err
}

// Preview returns what a page says about itself.
func (db *DB) Preview(ctx context.Context, address string) (_ *community.Preview, err error) {
	defer db.wrap(&err, "Preview(%s)", address)
	p := new(community.Preview)
	return p, db.read.NewSelect().Model(p).Where("key = ?", community.PictureKey(address)).Scan(ctx)
}

// SavePreview stores what a page says about itself.
func (db *DB) SavePreview(ctx context.Context, p *community.Preview) (err error) {
	defer db.wrap(&err, "SavePreview(%s)", p.Key)
	_, err = db.write.NewInsert().Model(p).On("CONFLICT (key) DO UPDATE").
		Set("title = EXCLUDED.title, description = EXCLUDED.description, site = EXCLUDED.site, image = EXCLUDED.image, fetched_at = EXCLUDED.fetched_at, retry_at = EXCLUDED.retry_at").Exec(ctx)
	return err
}

// previews are what the pages that posts link to say about themselves, by
// their addresses.
func (db *DB) previews(ctx context.Context, posts []*community.Post) (map[string]*community.Preview, error) {
	found := map[string]*community.Preview{}
	var keys []string
	for _, p := range posts {
		if p.Link != "" {
			keys = append(keys, community.PictureKey(p.Link))
		}
	}
	if len(keys) == 0 {
		return found, nil
	}
	var list []*community.Preview
	if err := db.read.NewSelect().Model(&list).Where("key IN (?)", bun.List(unique(keys))).Scan(ctx); err != nil {
		return nil, err
	}
	for _, p := range list {
		found[p.Address] = p
	}
	return found, nil
}
