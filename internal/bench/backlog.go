package main

import (
	"context"
	"errors"
	"fmt"
	"time"
)

const (
	journaled = 200                    // activities whose way to all followers is followed in Postgres's log
	roundTrip = 200 * time.Millisecond // to the server that is behind
	behind    = 20_000                 // activities that it has to hear
	arriving  = 10                     // more of them, every second
	aDay      = 864_000                // what arrives in a day
	settled   = 9 * time.Second        // after this all positions are written
)

// journal measures what Postgres writes into its log for a delivery: what
// telling all followers of some votes costs beyond casting them where nobody
// listens.
func (sc *scene) journal(ctx context.Context) (err error) {
	if sc.name != "postgres" {
		return nil
	}
	// What the rounds before left behind is cleared away now, and nothing of it
	// meanwhile. Postgres logs whole pages when they are touched for the first
	// time after a checkpoint, which comes every few minutes.
	if err := sc.commands(ctx, "ALTER SYSTEM SET autovacuum = off", "SELECT pg_reload_conf()", "VACUUM", "CHECKPOINT"); err != nil {
		return err
	}
	defer func() {
		err = errors.Join(err, sc.commands(ctx, "ALTER SYSTEM RESET autovacuum", "SELECT pg_reload_conf()"))
	}()
	if err := errors.Join(sc.deaf(ctx), sc.tell(ctx, 2)); err != nil {
		return err
	}
	time.Sleep(settled)
	alone, err := sc.written(ctx, func() error { return sc.deaf(ctx) })
	if err != nil {
		return err
	}
	rows, err := sc.count(ctx, "activities")
	if err != nil {
		return err
	}
	told, err := sc.written(ctx, func() error { return sc.tell(ctx, journaled) })
	if err != nil {
		return err
	}
	after, err := sc.count(ctx, "activities")
	if err != nil {
		return err
	}
	fmt.Printf("  log      %.1f bytes of WAL a delivery, of %d activities to %d servers; %.1f rows an activity, whatever the number of servers\n",
		(told-alone)/(journaled*followers), journaled, followers, float64(after-rows)/journaled)
	return nil
}

func (sc *scene) commands(ctx context.Context, list ...string) error {
	for _, command := range list {
		if _, err := sc.db.Bun().ExecContext(ctx, command); err != nil {
			return err
		}
	}
	return nil
}

// deaf casts as many votes in the group that nobody follows.
func (sc *scene) deaf(ctx context.Context) error {
	for n := range journaled {
		if _, _, err := sc.server.call(ctx, "PUT", fmt.Sprintf("/posts/%d/vote", sc.quietIDs[n%threads]), map[string]int{"value": 1 - sc.deafs/threads%2*2}); err != nil {
			return err
		}
		sc.deafs++
	}
	return nil
}

// written is how many bytes Postgres logs while something is done, positions
// included, which are written later.
func (sc *scene) written(ctx context.Context, do func() error) (bytes float64, err error) {
	var before string
	if err := sc.db.Bun().QueryRowContext(ctx, "SELECT pg_current_wal_insert_lsn()::text").Scan(&before); err != nil {
		return 0, err
	}
	if err := do(); err != nil {
		return 0, err
	}
	time.Sleep(settled)
	err = sc.db.Bun().QueryRowContext(ctx, "SELECT pg_current_wal_insert_lsn() - ?::pg_lsn", before).Scan(&bytes)
	return bytes, err
}

// drain lets a server catch up that is a long way off and was away for a
// while, as more arrives, and says how long it would take after a day.
func (sc *scene) drain(ctx context.Context) (err error) {
	far, err := startOthers(ctx)
	if err != nil {
		return err
	}
	defer far.stop()
	if _, err := far.order(order{Do: "crowd", Number: 1, Delay: roundTrip}); err != nil {
		return err
	}
	group := "http://" + sc.server.host + "/c/quiet"
	if _, err := far.order(order{Do: "follow", Group: group}); err != nil {
		return err
	}
	if err := sc.server.stop(); err != nil {
		return err
	}
	if err := sc.pile(ctx, behind); err != nil {
		return err
	}
	if _, err := sc.server.start(ctx); err != nil {
		return err
	}
	stop := make(chan struct{})
	trickle := make(chan error, 1)
	go func() { trickle <- sc.trickle(ctx, stop) }()
	defer func() {
		close(stop)
		err = errors.Join(err, <-trickle)
	}()
	// The window grows while the first tenth is delivered.
	if _, err := far.order(order{Do: "wait", Number: behind / 10}); err != nil {
		return err
	}
	began := time.Now()
	if _, err := far.order(order{Do: "wait", Number: behind}); err != nil {
		return err
	}
	rate := perSecond(behind-behind/10, time.Since(began))
	fmt.Printf("  drain    %.0f deliveries a second to one server that is %v away: %d, which are a day's, take %.0f minutes while %d a second arrive\n",
		rate, roundTrip, aDay, aDay/(rate-arriving)/60, arriving)
	return nil
}

// pile adds activities to the log, in threads of which a few have most, as the
// group would have said them.
func (sc *scene) pile(ctx context.Context, n int) error {
	_, err := sc.db.Bun().ExecContext(ctx, numbersTo+`, chance AS (SELECT i, (i * 7919 % 10007) / 10007.0 AS a FROM n)
		INSERT INTO activities (iri, actor_id, kind, body, public, audience, form, lane, created_at)
		SELECT g.iri || '/said/' || ? || '-' || i, g.id, 'Announce', CAST(? AS `+sc.blob()+`), TRUE, g.id, 0, CAST(a * a * 3000 AS BIGINT), ?
		FROM chance, actors AS g WHERE g.fold = 'quiet' AND g.host = ''`,
		1, n, time.Now().UnixNano(), `{"type":"Announce","content":"`+words+words+words+`"}`, time.Now().UTC())
	return err
}

// trickle adds more until it is stopped.
func (sc *scene) trickle(ctx context.Context, stop <-chan struct{}) error {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-stop:
			return nil
		case <-tick.C:
			if err := sc.pile(ctx, arriving); err != nil {
				return err
			}
		}
	}
}

func (t *target) blob() string {
	if t.name == "postgres" {
		return "BYTEA"
	}
	return "BLOB"
}
