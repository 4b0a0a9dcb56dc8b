package proof_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"drystone/fault"
	"drystone/federation/as"
	"drystone/federation/proof"
)

// The key pair of FEP-8b32 and of W3C's EdDSA Cryptosuites, appendix B.
const (
	vectorSeed = "c96ef9ea10c5e414c471723aff9de72c35fa5b70fae97e8832ecac7d2e2b8ed6"
	vectorKey  = "z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2"
	aliceKey   = "https://server.example/users/alice#ed25519-key"
)

// What FEP-8b32 signs in fep-8b32.feature, and the value that it wants.
const (
	vectorDocument = `{
		"@context": ["https://www.w3.org/ns/activitystreams", "https://w3id.org/security/data-integrity/v2"],
		"id": "https://server.example/activities/1", "type": "Create", "actor": "https://server.example/users/alice",
		"object": {
			"id": "https://server.example/objects/1", "type": "Note", "attributedTo": "https://server.example/users/alice",
			"content": "Hello world", "location": {"type": "Place", "longitude": -71.184902, "latitude": 25.273962}
		}
	}`
	vectorValue = "z42ffGu6AUKPCFcFPiabmUvnGLPJzC7e4DGWC52NUasSSH37UMa9c58tdgVszUcZfytxa4fQ5TYHaJENCxUDe9SdL"
)

var vectorTime = time.Date(2023, 2, 24, 23, 36, 38, 0, time.UTC)

func vectorPrivate(t *testing.T) ed25519.PrivateKey {
	t.Helper()
	seed, err := hex.DecodeString(vectorSeed)
	if err != nil {
		t.Fatal(err)
	}
	return ed25519.NewKeyFromSeed(seed)
}

func vectorPublic(t *testing.T) ed25519.PublicKey {
	t.Helper()
	key, err := proof.ParseMultikey(vectorKey)
	if err != nil {
		t.Fatal(err)
	}
	return key.(ed25519.PublicKey)
}

// check is what a receiver does: whether there is a usable proof, and what is
// wrong with it.
func check(t *testing.T, document string, key ed25519.PublicKey, now time.Time) (bool, error) {
	t.Helper()
	doc, err := as.Parse(t.Context(), []byte(document))
	if err != nil {
		return false, err
	}
	p, err := proof.Of(doc)
	if p == nil || err != nil {
		return false, err
	}
	return true, p.Verify(key, now)
}

func TestVectorOfTheFEP(t *testing.T) {
	if public := vectorPrivate(t).Public().(ed25519.PublicKey); !public.Equal(vectorPublic(t)) {
		t.Fatal("the two halves of the key do not belong together")
	}
	signed, err := proof.Add([]byte(vectorDocument), vectorPrivate(t), aliceKey, vectorTime)
	if err != nil {
		t.Fatal(err)
	}
	var got struct{ Proof struct{ ProofValue string } }
	if err := json.Unmarshal(signed, &got); err != nil {
		t.Fatal(err)
	}
	if got.Proof.ProofValue != vectorValue {
		t.Errorf("the value is %s, want %s", got.Proof.ProofValue, vectorValue)
	}
	if ok, err := check(t, string(signed), vectorPublic(t), vectorTime); !ok || err != nil {
		t.Errorf("the proof is not accepted: %v, %v", ok, err)
	}
}

// TestVectorOfW3C is the signed document of vc-di-eddsa, appendix B, which is
// no ActivityStreams.
func TestVectorOfW3C(t *testing.T) {
	const signed = `{
		"@context": ["https://www.w3.org/ns/credentials/v2", "https://www.w3.org/ns/credentials/examples/v2"],
		"id": "urn:uuid:58172aac-d8ba-11ed-83dd-0b3aef56cc33", "type": ["VerifiableCredential", "AlumniCredential"],
		"name": "Alumni Credential", "description": "A minimum viable example of an Alumni Credential.",
		"issuer": "https://vc.example/issuers/5678", "validFrom": "2023-01-01T00:00:00Z",
		"credentialSubject": {"id": "did:example:abcdefgh", "alumniOf": "The School of Examples"},
		"proof": {
			"type": "DataIntegrityProof", "cryptosuite": "eddsa-jcs-2022", "created": "2023-02-24T23:36:38Z",
			"verificationMethod": "https://vc.example/issuers/5678#z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2",
			"proofPurpose": "assertionMethod",
			"@context": ["https://www.w3.org/ns/credentials/v2", "https://www.w3.org/ns/credentials/examples/v2"],
			"proofValue": "z63t83Y53KfzJ5ZosfKTnqfMcKB2dmTrfjSaQjeNNjAD5srBowQfmWqeRb8rRjmeEuCBEsddF9LsVogtuTsijJKh4"
		}
	}`
	if ok, err := check(t, signed, vectorPublic(t), vectorTime); !ok || err != nil {
		t.Errorf("the proof is not accepted: %v, %v", ok, err)
	}
}

// TestChanged changes one thing about a document with a valid proof.
func TestChanged(t *testing.T) {
	added, err := proof.Add([]byte(vectorDocument), vectorPrivate(t), aliceKey, vectorTime)
	if err != nil {
		t.Fatal(err)
	}
	const accepted, ignored = "accepted", "ignored"
	tests := []struct {
		name     string
		old, new string
		want     string // accepted, ignored, or part of the reason
	}{
		{"nothing", "", "", accepted},
		{"space", `"type": "Create"`, "\n\"type\":\t\"Create\"", accepted},
		{"the order of keys", `"id": "https://server.example/objects/1", "type": "Note"`, `"type": "Note", "id": "https://server.example/objects/1"`, accepted},
		{"an escape for the same letter", "Hello", `\u0048ello`, accepted},
		{"a number written otherwise", "-71.184902", "-7118.4902e-2", accepted},
		{"a linked data signature beside it", `"type": "Create"`, `"type": "Create", "signature": {"type": "RsaSignature2017"}`, accepted},
		{"the words", "Hello", "Goodbye", "does not fit"},
		{"a number", "-71.184902", "-71.184903", "does not fit"},
		{"more words", `"content"`, `"summary": "x", "content"`, "does not fit"},
		{"fewer words", `"content": "Hello world", `, "", "does not fit"},
		{"the actor", `"actor": "https://server.example/users/alice"`, `"actor": "https://server.example/users/bob"`, "does not fit"},
		{"a number that no double holds", "-71.184902", "1e999", "no canonical form"},
		{"a number that is none", "-71.184902", "-071", "not valid JSON"},
		{"half a character", "Hello", `\ud800ello`, "no canonical form"},
		{"a key twice", `"type": "Note"`, `"type": "Note", "type": "Page"`, "twice"},
		{"a key twice, once escaped", `"type": "Note"`, `"type": "Note", "t\u0079pe": "Page"`, "twice"},
		{"another time", `"created":"2023-02-24T23:36:38Z"`, `"created":"2023-02-24T23:36:39Z"`, "does not fit"},
		{"no time", `"created":"2023-02-24T23:36:38Z"`, `"made":"2023-02-24T23:36:38Z"`, ignored},
		{"another purpose", `"assertionMethod"`, `"authentication"`, "not for saying"},
		{"no purpose", `"proofPurpose":"assertionMethod",`, "", "not for saying"},
		{"another suite", "eddsa-jcs-2022", "eddsa-rdfc-2022", ignored},
		{"another type", "DataIntegrityProof", "Ed25519Signature2020", ignored},
		{"no key", "verificationMethod", "method", ignored},
		{"an end that is no time", `"proofPurpose"`, `"expires":"soon","proofPurpose"`, ignored},
		{"an end that was not signed", `"proofPurpose"`, `"expires":"2033-02-24T23:36:38Z","proofPurpose"`, "does not fit"},
		{"a value in another base", `"proofValue":"z`, `"proofValue":"u`, "base58btc"},
		{"a value with a letter that is none", `"proofValue":"z4`, `"proofValue":"z0`, "base58btc"},
		{"half a value", vectorValue, vectorValue[:40], "does not fit"},
		{"a value that is too long", vectorValue, "z" + strings.Repeat("2", 100_000), "base58btc"},
		{"more contexts for the document", `data-integrity/v2"],
		"id"`, `data-integrity/v2", "https://evil.example/words"],
		"id"`, "other contexts"},
		{"contexts in another order", `["https://www.w3.org/ns/activitystreams", "https://w3id.org/security/data-integrity/v2"],
		"id"`, `["https://w3id.org/security/data-integrity/v2", "https://www.w3.org/ns/activitystreams"],
		"id"`, "other contexts"},
		{"two proofs", `"proof":{`, `"proof":[{"type":"DataIntegrityProof"},{`, "not valid JSON"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			document := strings.Replace(string(added), test.old, test.new, 1)
			if test.old != "" && document == string(added) {
				t.Fatalf("%q is not in the document", test.old)
			}
			usable, err := check(t, document, vectorPublic(t), vectorTime)
			got := accepted
			switch {
			case err != nil:
				got = err.Error()
			case !usable:
				got = ignored
			}
			if !strings.Contains(got, test.want) {
				t.Errorf("it is %s, want %s", got, test.want)
			}
			if err != nil && !fault.Is(err, fault.Forbidden) && !fault.Is(err, fault.Invalid) {
				t.Errorf("the error is %v", fault.CodeOf(err))
			}
		})
	}
}

func TestKeysAndTimes(t *testing.T) {
	signed, err := proof.Add([]byte(vectorDocument), vectorPrivate(t), aliceKey, vectorTime)
	if err != nil {
		t.Fatal(err)
	}
	other := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{1}, 32)).Public().(ed25519.PublicKey)
	for name, test := range map[string]struct {
		key  ed25519.PublicKey
		now  time.Time
		want string
	}{
		"a year later":                    {vectorPublic(t), vectorTime.AddDate(1, 0, 0), ""},
		"with clocks that differ":         {vectorPublic(t), vectorTime.Add(-59 * time.Minute), ""},
		"long before it was made":         {vectorPublic(t), vectorTime.Add(-61 * time.Minute), "in the future"},
		"with another key":                {other, vectorTime, "does not fit"},
		"with no key":                     {nil, vectorTime, "does not fit"},
		"with a key of the wrong length":  {vectorPublic(t)[:31], vectorTime, "does not fit"},
		"with a key that fits everything": {make(ed25519.PublicKey, 32), vectorTime, "does not fit"},
	} {
		_, err := check(t, string(signed), test.key, test.now)
		if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
			t.Errorf("%s: %v, want %q", name, err, test.want)
		}
	}
}

// TestTwoProofs: FEP-8b32 wants one, and nobody says which of two counts.
func TestTwoProofs(t *testing.T) {
	signed, err := proof.Add([]byte(vectorDocument), vectorPrivate(t), aliceKey, vectorTime)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := proof.Add(signed, vectorPrivate(t), aliceKey, vectorTime); err == nil {
		t.Error("a second proof was added")
	}
	at := bytes.Index(signed, []byte(`"proof":`)) + len(`"proof":`)
	one := signed[at : len(signed)-1]
	double := string(signed[:at]) + "[" + string(one) + "," + string(one) + "]}"
	if usable, err := check(t, double, vectorPublic(t), vectorTime); usable || err != nil {
		t.Errorf("two proofs: %v, %v", usable, err)
	}
	single := string(signed[:at]) + "[" + string(one) + "]}"
	if usable, err := check(t, single, vectorPublic(t), vectorTime); !usable || err != nil {
		t.Errorf("a list of one: %v, %v", usable, err)
	}
}

// TestInside: a document keeps its proof when it is put into another, with or
// without contexts of its own, and whatever numbers and letters it holds.
func TestInside(t *testing.T) {
	for _, document := range []string{
		`{"id":"https://a.test/1","type":"Like"}`,
		`{"@context":"https://www.w3.org/ns/activitystreams","id":"https://a.test/1"}`,
		`{"id":"https://a.test/1","n":[0,-0,1.0,1E2,1e-7,333333333.33333329,9007199254740993,1e21,4.50,2e-3,0.000000000000000000000000001]}`,
		`{"id":"https://a.test/1","\u20ac":"Euro","\r":"CR","\ufb33":"Dalet","1":"One","\ud83d\ude00":"Smile","\u0080":"Control","\u00f6":"ö"}`,
		`{"id":"https://a.test/1","content":"<p>Ünïcode & \u003cb> \/ \u2028</p>"}`,
	} {
		signed, err := proof.Add([]byte(document), vectorPrivate(t), aliceKey, vectorTime)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(string(signed), document[:len(document)-1]) {
			t.Errorf("%s became %s", document, signed)
		}
		outer, err := as.Parse(t.Context(), []byte(`{"type":"Announce","object":`+string(signed)+`}`))
		if err != nil {
			t.Fatal(err)
		}
		inner, _ := outer.Embedded("object")
		p, err := proof.Of(inner)
		if p == nil || err != nil {
			t.Fatalf("%s: %v, %v", document, p, err)
		}
		if err := p.Verify(vectorPublic(t), vectorTime); err != nil {
			t.Errorf("%s: %v", document, err)
		}
	}
}

// What a proof costs beside the 22 µs of Ed25519: the canonical form.
func BenchmarkAdd(b *testing.B) {
	key := ed25519.NewKeyFromSeed(make([]byte, 32))
	for b.Loop() {
		if _, err := proof.Add([]byte(vectorDocument), key, aliceKey, vectorTime); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkVerify(b *testing.B) {
	key := ed25519.NewKeyFromSeed(make([]byte, 32))
	signed, err := proof.Add([]byte(vectorDocument), key, aliceKey, vectorTime)
	if err != nil {
		b.Fatal(err)
	}
	doc, err := as.Parse(b.Context(), signed)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		p, err := proof.Of(doc)
		if err != nil {
			b.Fatal(err)
		}
		if err := p.Verify(key.Public().(ed25519.PublicKey), vectorTime); err != nil {
			b.Fatal(err)
		}
	}
}
