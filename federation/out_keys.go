package federation

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"drystone/community"
	"drystone/fault"
	"drystone/federation/httpsig"
	"drystone/federation/proof"
)

// keysRotated gives an actor of ours new keys and tells of them, in one
// transaction: what is in the log up to the Update that brings them is signed
// with the old key, what comes after it with the new one. Mastodon reads one
// publicKey and Lemmy refuses a list, so the old key moves to assertionMethod,
// where those who know Multikeys find it, and its id leads to the same
// document as ever.
func (t *teller) keysRotated(ctx context.Context, f community.Fact) error {
	a := t.actors[f.ActorID]
	if a == nil || !a.Local() || a.Gone() {
		return fault.New(fault.NotFound, "Actor %d is gone.", f.ActorID)
	}
	signing, err := t.replaceRSA(ctx, a, f)
	if err != nil {
		return err
	}
	proving, err := t.replaceEd25519(ctx, a)
	if err != nil {
		return err
	}
	retired := []*community.ActorKey{signing, proving}
	for _, k := range retired {
		k.State, k.RetiredAt = community.KeyRetired, f.At
		if f.Value != 0 { // somebody else may have it
			err = t.tx.ForgetActorKey(ctx, k)
		} else {
			err = t.tx.SaveActorKey(ctx, k)
		}
		if err != nil {
			return err
		}
	}
	if err := t.tellOf(ctx, a, f); err != nil || f.Value != 0 {
		return err
	}
	if signing.LastActivity, err = t.tx.ActivityHead(ctx); err != nil {
		return err
	}
	return t.tx.SaveActorKey(ctx, signing)
}

// tellOf tells of what an actor is now. Nobody follows the server itself:
// others look for its key when it does not fit.
func (t *teller) tellOf(ctx context.Context, a *community.Actor, f community.Fact) error {
	told := community.Fact{ID: f.ID, ActorID: a.ID, GroupID: a.ID, At: f.At}
	switch a.Kind {
	case community.GroupKind:
		return t.groupEdited(ctx, told)
	case community.FeedKind:
		return t.feedEdited(ctx, told)
	case community.Application:
		return nil
	}
	return t.personEdited(ctx, told)
}

// replaceRSA makes a new key with which an actor signs requests, and returns
// the one before it. Making one takes a tenth of a second, which is no harm: an
// operator asks for it, once in years.
func (t *teller) replaceRSA(ctx context.Context, a *community.Actor, f community.Fact) (*community.ActorKey, error) {
	name, text, err := t.tx.NamedKey(ctx, a.ID)
	if err != nil {
		return nil, err
	}
	public, err := httpsig.ParsePublicKey(a.PublicKey)
	if err != nil {
		return nil, fault.Because(err, fault.Invalid, "The key of %s cannot be read", a.IRI)
	}
	before := &community.ActorKey{ActorID: a.ID, IRI: firstOf(name, keyIDOf(a)), PrivateKey: text, CreatedAt: f.At}
	if before.Multikey, err = proof.Multikey(public); err != nil {
		return nil, err
	}
	key, err := httpsig.GenerateKey()
	if err != nil {
		return nil, err
	}
	if text, err = httpsig.MarshalPrivate(key); err != nil {
		return nil, err
	}
	if a.PublicKey, err = httpsig.PublicPEM(&key.PublicKey); err != nil {
		return nil, err
	}
	a.KeyID, a.UpdatedAt = nextName(before.IRI), f.At
	return before, t.tx.ReplaceKey(ctx, a, text)
}

// replaceEd25519 does the same for the key that proofs are made with.
func (t *teller) replaceEd25519(ctx context.Context, a *community.Actor) (*community.ActorKey, error) {
	before, _, err := t.s.assertionKey(ctx, t.tx, a)
	if err != nil {
		return nil, err
	}
	fresh, err := t.s.newAssertionKey(a, nextName(before.IRI))
	if err != nil {
		return nil, err
	}
	fresh.State = community.KeyCurrent
	return before, t.tx.SaveActorKey(ctx, fresh)
}

// nextName is what the key after the one called name is called: main-key-2
// after main-key. A name is never given twice, since others remember what was
// called so.
func nextName(name string) string {
	base, fragment, _ := strings.Cut(name, "#")
	at := strings.LastIndexByte(fragment, '-')
	if n, err := strconv.Atoi(fragment[at+1:]); err == nil && at > 0 {
		return fmt.Sprintf("%s#%s-%d", base, fragment[:at], n+1)
	}
	return name + "-2"
}
