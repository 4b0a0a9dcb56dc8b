package proof

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/json"
	"time"

	"github.com/gowebpki/jcs"

	"drystone/fault"
	"drystone/federation/as"
)

const (
	kind    = "DataIntegrityProof"
	suite   = "eddsa-jcs-2022"
	purpose = "assertionMethod"
)

// maxFuture is how far another clock may be ahead, as with signatures of
// requests.
const maxFuture = time.Hour

// options is a proof without its value, as it is written and hashed.
type options struct {
	Context json.RawMessage `json:"@context,omitempty"`
	Type    string          `json:"type"`
	Suite   string          `json:"cryptosuite"`
	Created string          `json:"created"`
	Method  string          `json:"verificationMethod"`
	Purpose string          `json:"proofPurpose"`
	Value   string          `json:"proofValue,omitempty"`
}

// Add returns document with a proof by key, which others find under the id
// method. What document says stays as it is, byte for byte.
func Add(document []byte, key ed25519.PrivateKey, method string, at time.Time) (_ []byte, err error) {
	defer fault.Wrap(&err, "proof.Add(%s)", method)
	doc, err := as.Parse(context.Background(), document)
	if err != nil {
		return nil, err
	}
	if doc.Has("proof") {
		return nil, fault.New(fault.Internal, "The document has a proof already.")
	}
	o := options{
		Context: doc.RawOf("@context"), Type: kind, Suite: suite, Created: at.UTC().Format(time.RFC3339), Method: method, Purpose: purpose,
	}
	config, err := marshal(o)
	if err != nil {
		return nil, err
	}
	data, err := hash(config, document)
	if err != nil {
		return nil, err
	}
	o.Value = encode(ed25519.Sign(key, data))
	if config, err = marshal(o); err != nil {
		return nil, err
	}
	end := bytes.LastIndexByte(document, '}')
	out := make([]byte, 0, len(document)+len(config)+16)
	out = append(append(out, document[:end]...), `,"proof":`...)
	return append(append(out, config...), '}'), nil
}

// marshal is json.Marshal without the escapes that are for HTML.
func marshal(o options) ([]byte, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(o); err != nil {
		return nil, err
	}
	return bytes.TrimSpace(out.Bytes()), nil
}

// hash is what is signed (vc-di-eddsa, 3.3.4): the hashes of the canonical
// forms of the proof without its value, and of the document without proofs.
func hash(config, document []byte) ([]byte, error) {
	var sums []byte
	for _, part := range [][]byte{config, document} {
		canonical, err := jcs.Transform(part)
		if err != nil {
			return nil, fault.Because(err, fault.Invalid, "The document has no canonical form.")
		}
		sum := sha256.Sum256(canonical)
		sums = append(sums, sum[:]...)
	}
	return sums, nil
}

// A Proof is what a document says of who wrote it.
type Proof struct {
	Method  string    // the id of the key
	Created time.Time // never zero
	Expires time.Time // zero: never

	value []byte
	data  []byte // what was signed
}

// Of returns the proof in a document; nil if there is none that could be
// checked: another suite, no time, more than one. A proof that claims to be of
// our kind and breaks its rules is an error.
func Of(doc as.Doc) (_ *Proof, err error) {
	defer fault.Wrap(&err, "proof.Of(%s)", doc.ID())
	written, ok := doc.Embedded("proof")
	if !ok || written.Text("type") != kind || written.Text("cryptosuite") != suite {
		return nil, nil
	}
	p := &Proof{Method: written.Ref("verificationMethod"), Created: written.Time("created"), Expires: written.Time("expires")}
	if p.Created.IsZero() || p.Method == "" || written.Has("expires") && p.Expires.IsZero() {
		return nil, nil
	}
	if written.Text("proofPurpose") != purpose {
		return nil, fault.New(fault.Forbidden, "The proof of %s is for %.60q and not for saying something.", doc.ID(), written.Text("proofPurpose"))
	}
	if p.value, err = decode(written.Text("proofValue")); err != nil {
		return nil, err
	}
	if err := checkContext(doc, written); err != nil {
		return nil, err
	}
	// A linked data signature would have been added later (FEP-8b32).
	p.data, err = hash(written.Without("proofValue"), doc.Without("proof", "signature"))
	return p, err
}

// checkContext demands that a proof which names contexts names those of the
// document, and no fewer: what was not signed shall not say what words mean
// (CVE-2026-50128).
func checkContext(doc, written as.Doc) error {
	signed := written.RawOf("@context")
	if signed == nil {
		return nil // then those of the document are signed with it
	}
	a, err := jcs.Transform(signed)
	if err == nil {
		var b []byte
		if b, err = jcs.Transform(doc.RawOf("@context")); err == nil && bytes.Equal(a, b) {
			return nil
		}
	}
	return fault.Because(err, fault.Forbidden, "The proof of %s was made for other contexts.", doc.ID())
}

// Verify reports why a proof was not made by key before now.
func (p *Proof) Verify(key ed25519.PublicKey, now time.Time) error {
	if p.Created.Sub(now) > maxFuture {
		return fault.New(fault.Forbidden, "The proof by %s was made in the future.", p.Method)
	}
	if len(key) != ed25519.PublicKeySize || !ed25519.Verify(key, p.data, p.value) {
		return fault.New(fault.Forbidden, "The proof does not fit the document and the key %s.", p.Method)
	}
	return nil
}
