package main

import (
	"context"
	"fmt"

	"drystone/federation/httpsig"
)

// sharedPart measures deliveries when what a group announces is signed once
// for all its followers (docs/adr/0007), as a share of the signatures that
// would be made otherwise.
func sharedPart(ctx context.Context, s settings, targets []*target) error {
	key, err := httpsig.GenerateKey()
	if err != nil {
		return err
	}
	for _, t := range targets {
		if err := shareOn(ctx, s, t, func() (float64, error) {
			sign, _, err := signs(key)
			return sign, err
		}); err != nil {
			return fmt.Errorf("%s: %w", t.name, err)
		}
	}
	fmt.Println()
	return nil
}

func shareOn(ctx context.Context, s settings, t *target, limit func() (float64, error)) error {
	sc, err := shareStage(ctx, s, t)
	if sc != nil {
		defer sc.end()
	}
	if err != nil {
		return err
	}
	var sign series
	var n numbers
	for range s.rounds {
		most, err := limit()
		if err != nil {
			return err
		}
		sign.add(most)
		if err := sc.deliver(ctx, &n); err != nil {
			return err
		}
	}
	fmt.Printf("%-10s shared signatures: %v deliveries/s; %v a CPU-second of ours: %.1f× the signatures\n",
		t.name, n.deliveries, n.deliveriesCPUs, n.deliveriesCPUs.median()/sign.median())
	return nil
}

// shareStage is a server that shares signatures, with a group that others
// follow.
func shareStage(ctx context.Context, s settings, t *target) (_ *scene, err error) {
	sc := &scene{}
	if sc.target, err = t.fresh(ctx, "shared"); err != nil {
		return nil, err
	}
	if sc.server, err = serverOn(s, sc.target); err != nil {
		return sc, err
	}
	sc.server.env = append(sc.server.env, "DRYSTONE_SHARED_SIGNATURES=yes")
	for _, command := range [][]string{
		{"account", "create", "alice", "--admin", "--password-stdin"},
		{"group", "create", "loud", "--moderator", "alice"},
		{"token", "create", "alice"},
	} {
		if sc.server.token, err = sc.server.command(ctx, "correct horse battery staple", command...); err != nil {
			return sc, err
		}
	}
	if _, err := sc.server.start(ctx); err != nil {
		return sc, err
	}
	for range threads {
		id, _, err := sc.server.call(ctx, "POST", "/groups/loud/posts", map[string]string{"title": "To vote on"})
		if err != nil {
			return sc, err
		}
		sc.loud = append(sc.loud, id)
	}
	if sc.audience, err = startOthers(ctx); err != nil {
		return sc, err
	}
	if _, err := sc.audience.order(order{Do: "crowd", Number: followers}); err != nil {
		return sc, err
	}
	_, err = sc.audience.order(order{Do: "follow", Group: "http://" + sc.server.host + "/c/loud"})
	return sc, err
}
