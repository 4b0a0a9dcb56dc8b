package oauth

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"drystone/community"
	"drystone/service/clients"
)

// Whatever stands in a body, a parameter is text and stands there once, or the
// client is told that it is not.
func FuzzForm(f *testing.F) {
	for _, seed := range []string{"grant_type=authorization_code&code=x", "a=1&a=2", "a=%00", "a=%ff", "a;b", "=", "%", "client_id=x&client_secret=%20"} {
		f.Add(seed, "Basic eDp5")
	}
	f.Fuzz(func(t *testing.T, body, authorization string) {
		values, err := parseForm(body)
		if err != nil {
			refused(t, err)
			return
		}
		for name, list := range values {
			if len(list) != 1 || !utf8.ValidString(name+list[0]) || strings.ContainsRune(name+list[0], 0) {
				t.Errorf("%q is read as %v", body, values)
			}
		}
		shown, err := credentials(&http.Request{Header: http.Header{"Authorization": {authorization}}}, values)
		if err != nil {
			refused(t, err)
		} else if !utf8.ValidString(shown.Key) || strings.ContainsRune(shown.Key, 0) {
			t.Errorf("%q and %q name the client %q", body, authorization, shown.Key)
		}
	})
}

// Whatever a client says of itself, what is kept of it breaks no page and no
// policy.
func FuzzRegistration(f *testing.F) {
	for _, seed := range []string{
		`{"client_name":"Pebble","redirect_uris":["https://pebble.example/cb"]}`, `{"client_name":1}`, `[]`, `{"redirect_uris":["javascript:x"]}`,
		`{"client_name":"a\u0000","redirect_uris":[""]}`, "{\"client_name\":\"\xff\"}", `{"redirect_uris":["com.example.app:/x","http://[::1]/"],"scope":"read"}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		ask, err := parseRegistration(text)
		if err != nil {
			refused(t, err)
			return
		}
		for _, address := range ask.Redirects {
			if community.WrongRedirect(address) != "" {
				continue
			}
			if u, err := url.Parse(address); err != nil || u.Scheme == "javascript" || u.Scheme == "data" || strings.ContainsAny(community.PlaceOf(address), " ;'\"<>") {
				t.Errorf("%q is accepted", address)
			}
		}
		if community.WrongClientName(ask.Name, "Stone") == "" && (!utf8.ValidString(ask.Name) || strings.ContainsAny(ask.Name, "<>\x00\n\u202e")) {
			t.Errorf("the name %q is accepted", ask.Name)
		}
	})
}

// refused fails the test unless a client may hear of err.
func refused(t *testing.T, err error) {
	t.Helper()
	var refusal *clients.Refusal
	if !errors.As(err, &refusal) {
		t.Fatalf("an error that is no refusal: %v", err)
	}
	if said, status := wire(err); status >= http.StatusInternalServerError || strings.ContainsAny(said.Description, "\"\\\n") {
		t.Errorf("said as %d %+v", status, said)
	}
}
