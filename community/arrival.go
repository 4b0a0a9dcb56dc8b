package community

import (
	"crypto/hmac"
	"crypto/sha256"
	"net/netip"
	"time"

	"drystone/fault"
)

// An Arrival is an account that was made, as far as limits need to know: keyed
// hashes of the address that it came from and of the network around that, kept
// for a day.
type Arrival struct {
	ID      int64 `bun:",pk,autoincrement"`
	Address []byte
	Network []byte
	At      time.Time
}

// ArrivalLife is how long an arrival counts.
const ArrivalLife = 24 * time.Hour

// NewArrival hashes where somebody comes from. Of an IPv6 address the /64
// counts as one address, because whoever has one has all of it, and the /48 as
// the network; of an IPv4 address, the /24. It returns nil, and nothing is
// limited, for what is no address of the open network: within an office, or
// behind a proxy that hides its clients, all would count as one.
func NewArrival(key []byte, address string, now time.Time) *Arrival {
	ip, err := netip.ParseAddr(address)
	if err != nil {
		return nil
	}
	if ip = ip.Unmap().WithZone(""); !ip.IsGlobalUnicast() || ip.IsPrivate() {
		return nil
	}
	near, far := 32, 24
	if ip.Is6() {
		near, far = 64, 48
	}
	hash := func(bits int) []byte {
		prefix, err := ip.Prefix(bits)
		if err != nil {
			return nil
		}
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte("arrival " + prefix.String()))
		return mac.Sum(nil)[:16]
	}
	return &Arrival{Address: hash(near), Network: hash(far), At: now}
}

// A Quota is how many accounts may still be made from somewhere.
type Quota struct {
	Name  string // what is counted: "sign-up-address" or "sign-up-network"
	Limit int    // a day
	Left  int
	Until time.Time // when one more may be made, or when the first of those counted is forgotten
}

// Check says that nothing is left.
func (a Quota) Check() error {
	if a.Limit == 0 || a.Left > 0 {
		return nil
	}
	where := "your address"
	if a.Name == "sign-up-network" {
		where = "your network"
	}
	return fault.New(fault.RateLimited,
		"%d accounts were made from %s in the last day, which is as many as this server takes. Try again later, or ask whoever runs it.", a.Limit, where)
}
