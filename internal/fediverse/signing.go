package fediverse

import (
	"cmp"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
)

// signHeaders signs a request over the actor's Headers, in their order, as
// software does that has an order and a name for the algorithm of its own.
// A digest is left out where there is no body.
func (a *Actor) signHeaders(req *http.Request, body []byte) error {
	req.Header.Set("Date", a.Peer.now().UTC().Format(http.TimeFormat))
	if body != nil {
		sum := sha256.Sum256(body)
		req.Header.Set("Digest", "SHA-256="+base64.StdEncoding.EncodeToString(sum[:]))
	}
	var covered, lines []string
	for _, name := range a.Headers {
		value := req.Header.Get(name)
		switch name {
		case "(request-target)":
			value = strings.ToLower(req.Method) + " " + a.target(req)
		case "host":
			value = cmp.Or(req.Host, req.URL.Host)
		case "digest", "content-type":
			if body == nil {
				continue
			}
		}
		covered = append(covered, name)
		lines = append(lines, name+": "+value)
	}
	sum := sha256.Sum256([]byte(strings.Join(lines, "\n")))
	signature, err := rsa.SignPKCS1v15(rand.Reader, a.Key, crypto.SHA256, sum[:])
	if err != nil {
		return err
	}
	req.Header.Set("Signature", fmt.Sprintf(`keyId="%s",algorithm="%s",headers="%s",signature="%s"`,
		a.KeyID, cmp.Or(a.Algorithm, "hs2019"), strings.Join(covered, " "), base64.StdEncoding.EncodeToString(signature)))
	return nil
}

// target is what a request is for, as the actor signs it: on much software
// without the query.
func (a *Actor) target(req *http.Request) string {
	if a.Style.PathOnly {
		return req.URL.EscapedPath()
	}
	return req.URL.RequestURI()
}
