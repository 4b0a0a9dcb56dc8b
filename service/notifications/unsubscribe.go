package notifications

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"

	"drystone/community"
	"drystone/fault"
)

// macSize is how much of a signature a link carries: 128 bits.
const macSize = 16

// Unsubscribing returns what a letter carries so that whoever gets it can end
// letters like it without signing in. It does not end by itself: all that it
// does is that less mail comes.
func (s *Service) Unsubscribing(ctx context.Context, account community.AccountID, topic string) (_ string, err error) {
	defer fault.Wrap(&err, "notifications.Unsubscribing(%d)", account)
	said := append(binary.AppendUvarint(nil, uint64(account)), topic...)
	mac, err := s.sign(ctx, said)
	if err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(append(mac, said...)), nil
}

// sign is the signature by a key that this server made for it.
func (s *Service) sign(ctx context.Context, said []byte) ([]byte, error) {
	fresh := make([]byte, 32)
	_, _ = rand.Read(fresh) // it never fails
	key, err := s.DB.SecretOf(ctx, "unsubscribe", fresh)
	if err != nil {
		return nil, err
	}
	h := hmac.New(sha256.New, key)
	h.Write(said)
	return h.Sum(nil)[:macSize], nil
}

// An Unsubscription is what a letter's link ends.
type Unsubscription struct {
	Account *community.Account
	Actor   *community.Actor
	Topics  []community.NoticeTopic
}

// Unsubscription reads what a letter carried.
func (s *Service) Unsubscription(ctx context.Context, token string) (_ *Unsubscription, err error) {
	defer fault.Wrap(&err, "notifications.Unsubscription")
	no := fault.New(fault.NotFound, "This link is not whole. Copy all of it from the letter, or choose in the settings.")
	all, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil || len(all) <= macSize {
		return nil, no
	}
	mac, err := s.sign(ctx, all[macSize:])
	if err != nil {
		return nil, err
	}
	id, n := binary.Uvarint(all[macSize:])
	if !hmac.Equal(mac, all[:macSize]) || n <= 0 {
		return nil, no
	}
	u := &Unsubscription{Topics: community.TopicsOf(string(all[macSize+n:]))}
	if u.Account, err = s.DB.Account(ctx, community.AccountID(id)); err != nil || len(u.Topics) == 0 {
		return nil, no
	}
	u.Actor, err = s.DB.Actor(ctx, u.Account.ActorID)
	return u, err
}

// Unsubscribe ends the letters that a letter's link ends.
func (s *Service) Unsubscribe(ctx context.Context, token string) (_ *Unsubscription, err error) {
	defer fault.Wrap(&err, "notifications.Unsubscribe")
	u, err := s.Unsubscription(ctx, token)
	if err != nil {
		return nil, err
	}
	return u, s.DB.MailOff(ctx, u.Account.ID, u.Topics)
}
