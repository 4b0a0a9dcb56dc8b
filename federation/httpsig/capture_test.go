package httpsig

import (
	"bufio"
	"crypto"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const shared = "../../../shared/captures"

// TestGoToSocial replays requests that a real GoToSocial sent, each at the
// time when it arrived, byte for byte through net/http's own reader.
func TestGoToSocial(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(shared, "gotosocial", "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Skip("the captures were absent: ../shared is not there")
	}
	keys := capturedKeys(t)
	verified := 0
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			req, body, at := capturedRequest(t, file)
			sig, err := Parse(req)
			if err != nil {
				t.Fatalf("Parse = %v", err)
			}
			key := keys[sig.KeyID]
			if key == nil {
				t.Skipf("the key %s was not captured", sig.KeyID)
			}
			want := Expect{Host: "group.test", Now: at}
			if err := sig.Verify(req, body, key, want); err != nil {
				t.Fatalf("Verify = %v", err)
			}
			verified++
			if err := sig.Verify(req, append(body, ' '), key, want); err == nil {
				t.Error("Verify takes another body")
			}
			req.RequestURI += "x"
			if err := sig.Verify(req, body, key, want); reasonOf(err) != BadSignature {
				t.Errorf("Verify of another path = %v", err)
			}
		})
	}
	if verified < 30 {
		t.Errorf("verified %d captures, want at least 30", verified)
	}
}

func capturedRequest(t *testing.T, file string) (*http.Request, []byte, time.Time) {
	t.Helper()
	var capture struct {
		RequestLine string      `json:"request_line"`
		Headers     [][2]string `json:"headers_in_order"`
		Body        string      `json:"body"`
		Time        time.Time   `json:"time"`
	}
	readJSON(t, file, &capture)
	var wire strings.Builder
	wire.WriteString(capture.RequestLine + "\r\n")
	for _, header := range capture.Headers {
		wire.WriteString(header[0] + ": " + header[1] + "\r\n")
	}
	req, err := http.ReadRequest(bufio.NewReader(strings.NewReader(wire.String() + "\r\n")))
	if err != nil {
		t.Fatal(err)
	}
	return req, []byte(capture.Body), capture.Time
}

// capturedKeys reads the keys of all actors whose documents were captured.
func capturedKeys(t *testing.T) map[string]crypto.PublicKey {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(shared, "gotosocial-documents", "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	keys := make(map[string]crypto.PublicKey)
	for _, file := range files {
		var capture struct {
			Response json.RawMessage `json:"response_json"`
		}
		readJSON(t, file, &capture)
		var actor struct {
			PublicKey struct{ ID, PublicKeyPEM string }
		}
		if json.Unmarshal(capture.Response, &actor) != nil || actor.PublicKey.PublicKeyPEM == "" {
			continue
		}
		key, err := ParsePublicKey(actor.PublicKey.PublicKeyPEM)
		if err != nil {
			t.Fatalf("ParsePublicKey(%s) = %v", actor.PublicKey.ID, err)
		}
		keys[actor.PublicKey.ID] = key
	}
	return keys
}

func readJSON(t *testing.T, file string, into any) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, into); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
}
