package storage

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"time"

	"drystone/community"
	"drystone/fault"
)

// A setting is something about the whole server, by name.
type setting struct {
	Name      string `bun:",pk"`
	Value     string
	UpdatedAt time.Time
}

// The names of settings.
const (
	joiningSetting = "joining"
	doorKeySetting = "door key"
)

func (db *DB) setting(ctx context.Context, name string) (string, error) {
	s := new(setting)
	err := db.read.NewSelect().Model(s).Where("name = ?", name).Scan(ctx)
	return s.Value, err
}

// Joining returns how people come to this server, as it was settled last. It
// is NotFound where nobody settled anything.
func (db *DB) Joining(ctx context.Context) (_ *community.Joining, err error) {
	defer db.wrap(&err, "Joining")
	text, err := db.setting(ctx, joiningSetting)
	if err != nil {
		return nil, err
	}
	j := new(community.Joining)
	return j, json.Unmarshal([]byte(text), j)
}

// HoldJoining makes other transactions that settle how people come here wait
// for the end of this one.
func (db *DB) HoldJoining(ctx context.Context) (err error) {
	defer db.wrap(&err, "HoldJoining")
	return db.hold(ctx, "joining")
}

// SaveJoining settles how people come to this server.
func (db *DB) SaveJoining(ctx context.Context, j *community.Joining, now time.Time) (err error) {
	defer db.wrap(&err, "SaveJoining")
	text, err := json.Marshal(j)
	if err != nil {
		return err
	}
	_, err = db.write.NewInsert().Model(&setting{Name: joiningSetting, Value: string(text), UpdatedAt: now}).
		On("CONFLICT (name) DO UPDATE").Set("value = EXCLUDED.value, updated_at = EXCLUDED.updated_at").Exec(ctx)
	return err
}

// DoorKey returns the secret that all processes of this server sign challenges
// with, and hash addresses. It is drawn when first asked for.
func (db *DB) DoorKey(ctx context.Context, now time.Time) (_ []byte, err error) {
	defer db.wrap(&err, "DoorKey")
	text, err := db.setting(ctx, doorKeySetting)
	if fault.Is(db.classify(err), fault.NotFound) {
		drawn := make([]byte, 32)
		_, _ = rand.Read(drawn) // it never fails
		fresh := &setting{Name: doorKeySetting, Value: base64.StdEncoding.EncodeToString(drawn), UpdatedAt: now}
		if _, err := db.write.NewInsert().Model(fresh).On("CONFLICT (name) DO NOTHING").Exec(ctx); err != nil {
			return nil, err
		}
		text, err = db.setting(ctx, doorKeySetting) // somebody may have been faster
	}
	if err != nil {
		return nil, err
	}
	return base64.StdEncoding.DecodeString(text)
}

// HoldArrivals makes other transactions that make accounts from the same
// network wait for the end of this one.
func (db *DB) HoldArrivals(ctx context.Context, a *community.Arrival) (err error) {
	defer db.wrap(&err, "HoldArrivals")
	return db.hold(ctx, "arrivals:%x", a.Network)
}

// AddArrival notes that an account was made.
func (db *DB) AddArrival(ctx context.Context, a *community.Arrival) (err error) {
	defer db.wrap(&err, "AddArrival")
	_, err = db.write.NewInsert().Model(a).Returning("id").Exec(ctx)
	return err
}

// CountArrivals counts the accounts that were made since a moment from an
// address and from the network around it, and when the first of each was.
func (db *DB) CountArrivals(ctx context.Context, a *community.Arrival, since time.Time) (near, far int, first, firstFar time.Time, err error) {
	defer db.wrap(&err, "CountArrivals")
	var rows []*community.Arrival
	err = db.read.NewSelect().Model(&rows).Where("network = ? AND at > ?", a.Network, since).OrderExpr("at").Scan(ctx)
	for _, row := range rows {
		if far == 0 {
			firstFar = row.At
		}
		far++
		if string(row.Address) != string(a.Address) {
			continue
		}
		if near == 0 {
			first = row.At
		}
		near++
	}
	return near, far, first, firstFar, err
}

// Arrivals counts the accounts that were made since a moment.
func (db *DB) Arrivals(ctx context.Context, since time.Time) (n int64, err error) {
	defer db.wrap(&err, "Arrivals")
	err = db.read.NewSelect().TableExpr("arrivals").ColumnExpr("count(*)").Where("at > ?", since).Scan(ctx, &n)
	return n, err
}

// DropArrivals forgets arrivals before a moment.
func (db *DB) DropArrivals(ctx context.Context, before time.Time) (err error) {
	defer db.wrap(&err, "DropArrivals")
	_, err = db.write.NewDelete().Model((*community.Arrival)(nil)).Where("at < ?", before).Exec(ctx)
	return err
}
