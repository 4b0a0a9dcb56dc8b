package delivery

import (
	"context"
	"time"

	"drystone/community"
)

// courier returns the courier of a peer, made if there is none. The caller
// holds d.mu.
func (d *Delivery) courier(id community.PeerID) *courier {
	c := d.couriers[id]
	if c == nil {
		c = &courier{d: d, id: id, window: firstWindow, nudge: make(chan struct{}, 1), results: make(chan result)}
		d.couriers[id] = c
	}
	return c
}

// hand gives a courier something to deliver and reports whether the caller
// must start it. The caller holds d.mu.
func (d *Delivery) hand(c *courier, a *community.Activity) bool {
	if c.behind || len(c.handed) >= maxHanded {
		// The log has it too; what is waited for is not kept twice.
		c.behind, c.more, c.handed = true, true, nil
	} else {
		c.handed = append(c.handed, a)
	}
	if c.running {
		select {
		case c.nudge <- struct{}{}:
		default:
		}
		return false
	}
	if c.place > 0 {
		if c.patient {
			return false
		}
		d.agenda.drop(c)
	}
	c.running = true
	return true
}

// start starts couriers that were marked as running, after taking the leases
// of those peers that this process does not have.
func (d *Delivery) start(ctx, flight context.Context, list []*courier) error {
	if len(list) == 0 {
		return nil
	}
	now := d.Now()
	until := now.Add(leaseFor)
	var ids []community.PeerID
	d.mu.Lock()
	for _, c := range list {
		if c.leasedUntil.Before(now.Add(leaseFor / 3)) {
			ids = append(ids, c.id)
		}
	}
	d.mu.Unlock()
	kept, taken, err := d.DB.LeasePeers(ctx, ids, d.worker, now, until)

	d.mu.Lock()
	defer d.mu.Unlock()
	for _, p := range kept {
		d.couriers[p.ID].leased(p, until)
	}
	for _, p := range taken {
		c := d.couriers[p.ID]
		// Somebody else may have had this peer: only the log knows.
		c.behind, c.handed, c.dirty = true, nil, false
		c.leased(p, until)
	}
	for _, c := range list {
		at := c.opensAt(now)
		switch {
		case err != nil:
			d.putOff(c, now.Add(lookEvery), false)
		case c.leasedUntil.Before(now.Add(leaseFor / 3)):
			d.putOff(c, until, true) // it is somebody else's
		case at.After(now):
			d.putOff(c, at, true)
		default:
			d.running.Go(func() { c.run(ctx, flight) })
		}
	}
	return err
}

// putOff puts a courier on the agenda. A patient one stays there whatever
// else there is to deliver. The caller holds d.mu.
func (d *Delivery) putOff(c *courier, at time.Time, patient bool) {
	c.running, c.patient = false, patient
	c.behind, c.handed = true, nil
	d.agenda.set(c, at)
	d.ring()
}

// leased notes that the peer is ours until a time, and what its row says.
// The caller holds d.mu.
func (c *courier) leased(p *community.Peer, until time.Time) {
	c.leasedUntil = until
	if !c.dirty {
		c.peer = *p
	}
	c.queue.startAt(c.peer.Position)
}

// opensAt returns when the peer may be tried, in the past if now. The caller
// holds d.mu.
func (c *courier) opensAt(now time.Time) time.Time {
	if c.peer.Dormant(now) || c.peer.Paused() {
		return now.Add(napFor)
	}
	return c.peer.NextAttemptAt
}

// heed looks, once in a while, for servers that an operator decided about:
// whoever delivers to them drops what they believe and reads the row again.
func (d *Delivery) heed(ctx context.Context) error {
	now := d.Now()
	if now.Sub(d.heeded) < lookEvery {
		return nil
	}
	// Clocks of other processes may be a little behind.
	const drift = 5 * time.Second
	touched, err := d.DB.TouchedPeers(ctx, d.touched.Add(-drift))
	if err != nil {
		return err
	}
	d.heeded = now
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, p := range touched {
		if p.TouchedAt.After(d.touched) {
			d.touched = p.TouchedAt
		}
		if d.touches[p.ID].Equal(p.TouchedAt) {
			continue // heeded already
		}
		d.touches[p.ID] = p.TouchedAt
		d.touch(d.courier(p.ID), now)
	}
	for id, at := range d.touches {
		if at.Before(d.touched.Add(-drift)) {
			delete(d.touches, id)
		}
	}
	return nil
}

// touch has a courier begin again with what its peer's row says. The caller
// holds d.mu.
func (d *Delivery) touch(c *courier, now time.Time) {
	d.lose(c)
	c.triedAt, c.promised = time.Time{}, time.Time{}
	c.touched = c.running
	if !c.running {
		c.patient = false
		d.agenda.set(c, now)
	}
}

// keepSaving saves and keeps leases until ctx ends.
func (d *Delivery) keepSaving(ctx context.Context) {
	tick := time.NewTicker(saveEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		d.saveIf(ctx, (*courier).ripe)
	}
}

// save stores how far all couriers have come.
func (d *Delivery) save(ctx context.Context) {
	d.saveIf(ctx, func(c *courier, _ time.Time) bool { return c.dirty })
}

// saveIf stores in one statement how far those couriers have come that are
// due, and keeps the leases of those at work. It lets go of couriers that have
// nothing to do.
func (d *Delivery) saveIf(ctx context.Context, due func(*courier, time.Time) bool) {
	now := d.Now()
	until := now.Add(leaseFor)
	var rows []*community.Peer
	d.mu.Lock()
	for id, c := range d.couriers {
		switch {
		case due(c, now), c.running && !c.lost && c.leasedUntil.Before(now.Add(leaseFor/2)) && !c.leasedUntil.IsZero():
			row := c.peer
			rows = append(rows, &row)
			c.dirty, c.unsaved = false, 0
		case !c.dirty && !c.running && c.place == 0 && c.leasedUntil.Before(now):
			delete(d.couriers, id)
		}
	}
	d.mu.Unlock()
	if len(rows) == 0 {
		return
	}
	held, err := d.DB.SaveDeliveries(ctx, rows, d.worker, until)
	if err != nil {
		d.Log.ErrorContext(ctx, "delivery cannot save how far it came", "error", err)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if err != nil {
		for _, row := range rows {
			d.couriers[row.ID].soil()
		}
		return
	}
	ours := make(map[community.PeerID]bool, len(held))
	for _, id := range held {
		ours[id] = true
	}
	for _, row := range rows {
		switch c := d.couriers[row.ID]; {
		case ours[row.ID]:
			c.leasedUntil = until
		default:
			d.lose(c)
		}
	}
}

// lose notes that another process has a courier's peer now. What is under way
// ends; the log and that process have the rest. The caller holds d.mu.
func (d *Delivery) lose(c *courier) {
	c.leasedUntil, c.dirty = time.Time{}, false
	c.behind, c.handed = true, nil
	if c.running {
		c.lost = true
		select {
		case c.nudge <- struct{}{}:
		default:
		}
	}
}
