package federation_test

import (
	"bytes"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"drystone/federation/as"
	"drystone/federation/httpsig"
	"drystone/internal/fediverse"
	"drystone/internal/testdb"
	"drystone/storage"
)

// What others got wrong about signatures, each under the number of its
// advisory (docs/security.md). Whatever comes is refused, nothing is
// stored, and the log says why.

// refused posts a body to the inbox as it is and wants it refused, with words
// that the log has too.
func (h *home) refused(name string, body []byte, status int, says string, sign func(*http.Request)) {
	h.t.Helper()
	before, mark := h.waiting(), h.log.mark()
	got, text := raw(h.t, h.inbox(), as.ContentType, body, sign)
	if got != status || !strings.Contains(text, says) {
		h.t.Errorf("%s: the answer is %d %q, want %d and something with %q", name, got, text, status, says)
	}
	if n := h.waiting(); n != before {
		h.t.Errorf("%s: %d jobs are stored", name, n-before)
	}
	if _, ok := h.log.after(mark, "inbox refused", "status="+strconv.Itoa(status), "reason=", says); !ok {
		h.t.Errorf("%s: the log does not say %q", name, says)
	}
}

// rsaSign is a signature as an attacker with a good key makes it.
func rsaSign(t *testing.T, key *rsa.PrivateKey, text string) string {
	t.Helper()
	sum := sha256.Sum256([]byte(text))
	signature, err := rsa.SignPKCS1v15(nil, key, crypto.SHA256, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(signature)
}

// cavageOver signs the headers in a list, rightly, and nothing else.
func cavageOver(t *testing.T, a *fediverse.Actor, body []byte, headers string) func(*http.Request) {
	return func(r *http.Request) {
		sum := sha256.Sum256(body)
		r.Header.Set("Date", time.Now().UTC().Format(http.TimeFormat))
		r.Header.Set("Digest", "SHA-256="+base64.StdEncoding.EncodeToString(sum[:]))
		var lines []string
		for name := range strings.FieldsSeq(headers) {
			value := r.Header.Get(name)
			switch name {
			case "(request-target)":
				value = "post " + r.URL.Path
			case "host":
				value = r.URL.Host
			}
			lines = append(lines, name+": "+value)
		}
		r.Header.Set("Signature", fmt.Sprintf(`keyId="%s",algorithm="rsa-sha256",headers="%s",signature="%s"`,
			a.KeyID, headers, rsaSign(t, a.Key, strings.Join(lines, "\n"))))
	}
}

// messageOver is the same by RFC 9421, over components in a list.
func messageOver(t *testing.T, a *fediverse.Actor, body []byte, components string) func(*http.Request) {
	return messageBy(a.KeyID, "", body, components, func(text string) string { return rsaSign(t, a.Key, text) })
}

func messageBy(keyID, alg string, body []byte, components string, sign func(string) string) func(*http.Request) {
	return func(r *http.Request) {
		sum := sha256.Sum256(body)
		r.Header.Set("Date", time.Now().UTC().Format(http.TimeFormat))
		r.Header.Set("Content-Digest", "sha-256=:"+base64.StdEncoding.EncodeToString(sum[:])+":")
		params := fmt.Sprintf(`;created=%d;keyid="%s"`, time.Now().Unix(), keyID) + alg
		var text strings.Builder
		var names []string
		for name := range strings.FieldsSeq(components) {
			value := map[string]string{
				"@method": "POST", "@target-uri": r.URL.String(), "@authority": r.URL.Host, "@path": r.URL.Path,
			}[name]
			if value == "" {
				value = r.Header.Get(name)
			}
			names = append(names, `"`+name+`"`)
			fmt.Fprintf(&text, "%q: %s\n", name, value)
		}
		input := "(" + strings.Join(names, " ") + ")" + params
		r.Header.Set("Signature-Input", "sig1="+input)
		r.Header.Set("Signature", "sig1=:"+sign(text.String()+`"@signature-params": `+input)+":")
	}
}

// TestCVE202349079UnsignedOrPartialHeaders (Misskey): requests without a
// signature, or with one that leaves out what matters, were believed. Those
// that a stranger could have taken from another request are refused here.
func TestCVE202349079UnsignedOrPartialHeaders(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		h := newHome(t, db)
		alice := fediverse.NewPeer(t, "mastodon").Person("alice")
		body := fediverse.JSON(t, note(alice, "forged", h.cats.IRI))
		old := func(headers string) func(*http.Request) { return cavageOver(t, alice, body, headers) }
		modern := func(components string) func(*http.Request) { return messageOver(t, alice, body, components) }
		header := func(name, value string) func(*http.Request) {
			return func(r *http.Request) { r.Header.Set(name, value) }
		}
		for _, test := range []struct {
			name, says string
			sign       func(*http.Request)
		}{
			{"no signature", "not signed", nil},
			{"an empty one", "not a list of parameters", header("Signature", "")},
			{"only a promise of one", "no Signature", header("Signature-Input", `sig1=("@method");created=1;keyid="k"`)},
			{"the date alone", "does not cover (request-target)", old("date")},
			{"no target", "does not cover (request-target)", old("host date digest")},
			{"no host", "does not cover host", old("(request-target) date digest")},
			{"no digest", "does not cover digest", old("(request-target) host date")},
			{"no time", "neither date nor (created)", old("(request-target) host digest")},
			{"RFC 9421, nothing", "covers no header", modern("")},
			{"RFC 9421, no method", "does not cover @method", modern("@target-uri content-digest")},
			{"RFC 9421, no target", "neither @target-uri nor @authority", modern("@method content-digest")},
			{"RFC 9421, no host", "neither @target-uri nor @authority", modern("@method @path content-digest")},
			{"RFC 9421, no path", "neither @target-uri nor @path", modern("@method @authority content-digest")},
			{"RFC 9421, no digest", "does not cover content-digest", modern("@method @target-uri date")},
		} {
			h.refused(test.name, body, http.StatusUnauthorized, test.says, test.sign)
		}
		// The same hands, with everything in place, are believed.
		for name, sign := range map[string]func(*http.Request){
			"the older scheme": old("(request-target) host date digest"), "RFC 9421": modern("@method @target-uri content-digest"),
		} {
			if status, text := raw(t, h.inbox(), as.ContentType, body, sign); status != http.StatusAccepted {
				t.Errorf("%s, whole: %d %s", name, status, text)
			}
		}
	})
}

// TestCVE202452591ForeignAuthority (Misskey): what a server signs was believed
// of others. A key speaks for its owner, about what is of its own server.
func TestCVE202452591ForeignAuthority(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		h := newHome(t, db)
		alice := fediverse.NewPeer(t, "misskey").Person("alice")
		eve := fediverse.NewPeer(t, "misskey").Person("eve")
		for _, scheme := range []httpsig.Scheme{httpsig.Cavage, httpsig.Message} {
			eve.Style.Scheme = scheme
			by := func(body []byte) func(*http.Request) {
				return func(r *http.Request) {
					if err := eve.Sign(r, body); err != nil {
						t.Error(err)
					}
				}
			}
			change := func(name string, f func(map[string]any)) []byte {
				activity := note(eve, name, h.cats.IRI)
				f(activity)
				return fediverse.JSON(t, activity)
			}
			for _, test := range []struct {
				name, says string
				body       []byte
				status     int
			}{
				{"another's activity", "not of the server of " + alice.ID, fediverse.JSON(t, note(alice, "a", h.cats.IRI)), 401},
				{"another's id", "is not of the server", change("b", func(a map[string]any) { a["id"] = alice.ID + "/b" }), 403},
				{"another's object", "cannot speak for", change("c", func(a map[string]any) { a["object"].(map[string]any)["id"] = alice.ID + "/c" }), 403},
				{"another author", "is not by", change("d", func(a map[string]any) { a["object"].(map[string]any)["attributedTo"] = alice.ID }), 403},
				{"ours", "of this server", change("e", func(a map[string]any) { a["actor"] = h.ann.IRI }), 403},
			} {
				h.refused(test.name, test.body, test.status, test.says, by(test.body))
			}
		}
	})
}

// TestCVE202554888KeyOwnerIsNotActor (Fedify): an activity was processed whose
// signature was right, and by somebody else than its actor.
func TestCVE202554888KeyOwnerIsNotActor(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		h := newHome(t, db)
		peer := fediverse.NewPeer(t, "")
		alice, mallory := peer.Person("alice"), peer.Person("mallory")
		// Mallory's document claims a key that is called as if it were alice's.
		borrowed := peer.Person("borrowed")
		borrowed.KeyID = alice.ID + "#main-key"
		// The instance itself may not speak for its people either.
		instance := peer.Actor(as.KindApplication, "/actor")
		h.send(mallory, note(mallory, "hello", h.cats.IRI)) // is known, with a good key
		body := fediverse.JSON(t, note(alice, "forged", h.cats.IRI))
		for _, scheme := range []httpsig.Scheme{httpsig.Cavage, httpsig.Message} {
			for _, test := range []struct {
				name, says string
				by         *fediverse.Actor
			}{
				{"a neighbour's key", "does not belong to " + alice.ID, mallory},
				{"the server's key", "does not belong to " + alice.ID, instance},
				{"a key under another's name", "does not match", borrowed},
			} {
				signer := *test.by
				signer.Style.Scheme = scheme
				h.refused(test.name, body, http.StatusUnauthorized, test.says, func(r *http.Request) {
					if err := signer.Sign(r, body); err != nil {
						t.Error(err)
					}
				})
			}
		}
	})
}

// TestCVE202628432VerificationBypass (Misskey): verification could be led
// astray. These are the ways to do so that a request offers: two signatures,
// two schemes, another algorithm, another place, another body, another time.
func TestCVE202628432VerificationBypass(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		h := newHome(t, db)
		peer := fediverse.NewPeer(t, "")
		alice, mallory := peer.Person("alice"), peer.Person("mallory")
		body := fediverse.JSON(t, note(alice, "forged", h.cats.IRI))
		other := bytes.Replace(body, []byte("says hello"), []byte("says hullo"), 1)
		thief := *mallory
		thief.KeyID = alice.KeyID
		sign := func(a *fediverse.Actor, style httpsig.Style, what []byte) func(*http.Request) {
			return func(r *http.Request) {
				if err := style.Sign(r, what, a.KeyID, a.Key, time.Now()); err != nil {
					t.Error(err)
				}
			}
		}
		old, modern := httpsig.Style{}, httpsig.Style{Scheme: httpsig.Message}
		after := func(sign, change func(*http.Request)) func(*http.Request) {
			return func(r *http.Request) {
				sign(r)
				change(r)
			}
		}
		replace := func(header, was, is string) func(*http.Request) {
			return func(r *http.Request) { r.Header.Set(header, strings.Replace(r.Header.Get(header), was, is, 1)) }
		}
		elsewhere := func(style httpsig.Style) func(*http.Request) {
			return func(r *http.Request) {
				out := r.Clone(t.Context())
				out.URL.Host, out.Host = "other.test", "other.test"
				sign(alice, style, body)(out)
				r.Header = out.Header
			}
		}
		for _, test := range []struct {
			name, says string
			sign       func(*http.Request)
		}{
			{"another's key", "does not match", sign(&thief, old, body)},
			{"another's key by RFC 9421", "does not match", sign(&thief, modern, body)},
			{"another body", "does not match the body", sign(alice, old, other)},
			{"another body by RFC 9421", "does not match the body", sign(alice, modern, other)},
			{"another server's", "does not match", elsewhere(old)},
			{"another server's by RFC 9421", "does not match", elsewhere(modern)},
			{"two signatures, one right", "There are 2 Signature headers", after(sign(alice, old, body), func(r *http.Request) {
				r.Header.Add("Signature", `keyId="`+alice.KeyID+`",signature="AAAA"`)
			})},
			{"two schemes, the older right", "not a dictionary", after(sign(alice, old, body), func(r *http.Request) {
				r.Header.Set("Signature-Input", `sig1=("@method");created=1;keyid="`+alice.KeyID+`"`)
			})},
			{"two labels", "holds 2 signatures", after(sign(alice, modern, body), func(r *http.Request) {
				r.Header.Set("Signature-Input", r.Header.Get("Signature-Input")+`, sig2=("@method");created=1;keyid="k"`)
			})},
			{"no algorithm that we know", "is not supported", after(sign(alice, old, body), replace("Signature", "rsa-sha256", "none"))},
			{"a shared secret for an algorithm", "is not supported", after(sign(alice, old, body), replace("Signature", "rsa-sha256", "hmac-sha256"))},
			{"the same by RFC 9421", "is not supported", after(sign(alice, modern, body), replace("Signature-Input", "rsa-v1_5-sha256", "hmac-sha256"))},
			{"an empty signature", "missing or is not base64", after(sign(alice, old, body), func(r *http.Request) {
				line, _, _ := strings.Cut(r.Header.Get("Signature"), `signature="`)
				r.Header.Set("Signature", line+`signature=""`)
			})},
			{"an empty signature by RFC 9421", "not base64", after(sign(alice, modern, body), func(r *http.Request) { r.Header.Set("Signature", "sig1=::") })},
			{"shared by many", "does not cover", func(r *http.Request) {
				shared, err := httpsig.Share(body, alice.KeyID, alice.Key, time.Now())
				if err != nil {
					t.Error(err)
				}
				shared.Sign(r)
			}},
		} {
			h.refused(test.name, body, http.StatusUnauthorized, test.says, test.sign)
		}
	})
}

// TestCVE202628431UnauthorizedReading (Misskey): data was given to who may not
// have it. With authorized fetch, what is not signed, or not rightly, reads
// nothing.
func TestCVE202628431UnauthorizedReading(t *testing.T) {
	h := newHome(t, testdb.SQLite(t))
	h.fed.AuthorizedFetch = true
	peer := fediverse.NewPeer(t, "")
	alice, mallory := peer.Person("alice"), peer.Person("mallory")
	thief := *mallory
	thief.KeyID = alice.KeyID
	modernThief := thief
	modernThief.Style.Scheme = httpsig.Message
	outbox := h.cats.IRI + "/outbox"
	for name, by := range map[string]*fediverse.Actor{"another's key": &thief, "another's key by RFC 9421": &modernThief} {
		mark := h.log.mark()
		if status, body, err := by.Get(t.Context(), outbox); status != http.StatusUnauthorized || bytes.Contains(body, []byte("orderedItems")) {
			t.Errorf("%s: %d %s, %v", name, status, body, err)
		}
		if _, ok := h.log.after(mark, "document refused", "path=/c/cats/outbox", "status=401", "does not match"); !ok {
			t.Errorf("%s: the log does not say why", name)
		}
	}
	resp, err := peer.Client.Get(t.Context(), outbox, as.AcceptHeader, nil)
	if resp == nil || resp.Status != http.StatusUnauthorized || !strings.Contains(string(resp.Body), "sign") {
		t.Errorf("unsigned: %+v, %v", resp, err)
	}
	if _, ok := h.log.find("document refused", "path=/c/cats/outbox", "is not signed"); !ok {
		t.Error("unsigned: the log does not say why")
	}
	if status, body, err := alice.Get(t.Context(), outbox); status != http.StatusOK || !bytes.Contains(body, []byte("orderedItems")) {
		t.Errorf("rightly signed: %d %s, %v", status, body, err)
	}
}

// TestCVE202646349LinkedDataSignature (Mastodon, also CVE-2026-48028 and
// Fedify's GHSA-9rfg-v8g9-9367): signatures inside of documents could be kept
// while the document was turned into another one. They count for nothing
// here: who delivers has to be who says it.
func TestCVE202646349LinkedDataSignature(t *testing.T) {
	h := newHome(t, testdb.SQLite(t))
	alice := fediverse.NewPeer(t, "mastodon").Person("alice")
	relay := fediverse.NewPeer(t, "").Person("relay")
	activity := note(alice, "relayed", h.cats.IRI)
	activity["signature"] = map[string]any{
		"type": "RsaSignature2017", "creator": alice.KeyID, "created": "2026-05-01T10:00:00Z", "signatureValue": rsaSign(t, alice.Key, "x"),
	}
	for name, change := range map[string]func(map[string]any){
		"as it was signed": func(map[string]any) {},
		"restructured":     func(a map[string]any) { a["@graph"] = []any{a["object"]} },
		"included":         func(a map[string]any) { a["@included"] = []any{a["object"]} },
		"reversed":         func(a map[string]any) { a["@reverse"] = map[string]any{"object": a["object"]} },
	} {
		forged := map[string]any{}
		for key, value := range activity {
			forged[key] = value
		}
		change(forged)
		body := fediverse.JSON(t, forged)
		status, says := http.StatusBadRequest, ""
		if name == "as it was signed" {
			status, says = http.StatusUnauthorized, "not of the server of "+alice.ID
		}
		h.refused(name, body, status, says, func(r *http.Request) {
			if err := relay.Sign(r, body); err != nil {
				t.Error(err)
			}
		})
	}
	h.refused("unsigned", fediverse.JSON(t, activity), http.StatusUnauthorized, "not signed", nil)
}
