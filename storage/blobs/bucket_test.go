package blobs

import (
	"bufio"
	"bytes"
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// A bucket is as much of an object store as a Store needs, called "pictures",
// for whoever signs as "key". It checks that requests are signed in the form of
// AWS (version 4), and not the arithmetic of it, which is the client's.
type bucket struct {
	t  *testing.T
	mu sync.Mutex

	objects map[string]object
}

type object struct {
	content     []byte
	kind, cache string
}

func (b *bucket) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b.mu.Lock()
	defer b.mu.Unlock()
	signed := r.Header.Get("Authorization")
	if !strings.HasPrefix(signed, "AWS4-HMAC-SHA256 Credential=key/") || !strings.Contains(signed, "SignedHeaders=") || r.Header.Get("X-Amz-Date") == "" {
		refuse(w, http.StatusForbidden, "AccessDenied")
		return
	}
	name, key, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	if name != "pictures" {
		refuse(w, http.StatusNotFound, "NoSuchBucket")
		return
	}
	switch {
	case key == "" && r.Method == http.MethodHead:
	case r.Method == http.MethodPut:
		b.put(w, r, key)
	case r.Method == http.MethodDelete:
		delete(b.objects, key)
		w.WriteHeader(http.StatusNoContent)
	case r.Method == http.MethodGet, r.Method == http.MethodHead:
		o, found := b.objects[key]
		if !found {
			refuse(w, http.StatusNotFound, "NoSuchKey")
			return
		}
		w.Header().Set("ETag", etag(o.content))
		w.Header().Set("Content-Type", o.kind)
		http.ServeContent(w, r, "", time.Unix(1_700_000_000, 0), bytes.NewReader(o.content))
	default:
		b.t.Errorf("the object store was asked %s %s", r.Method, r.URL)
		w.WriteHeader(http.StatusNotImplemented)
	}
}

func (b *bucket) put(w http.ResponseWriter, r *http.Request, key string) {
	content, err := io.ReadAll(r.Body)
	if err != nil {
		b.t.Error(err)
	}
	if strings.HasPrefix(r.Header.Get("X-Amz-Content-Sha256"), "STREAMING-") {
		content = unchunked(content)
	}
	b.objects[key] = object{content: content, kind: r.Header.Get("Content-Type"), cache: r.Header.Get("Cache-Control")}
	w.Header().Set("ETag", etag(content))
}

// unchunked undoes AWS's own chunks: "size;chunk-signature=…", and the bytes.
func unchunked(content []byte) []byte {
	var out []byte
	for r := bufio.NewReader(bytes.NewReader(content)); ; {
		line, err := r.ReadString('\n')
		if err != nil {
			return out
		}
		size, _, _ := strings.Cut(strings.TrimSpace(line), ";")
		n, err := strconv.ParseInt(size, 16, 32)
		if err != nil || n == 0 {
			return out
		}
		part := make([]byte, n+2)
		if _, err := io.ReadFull(r, part); err != nil {
			return out
		}
		out = append(out, part[:n]...)
	}
}

func etag(content []byte) string {
	sum := md5.Sum(content)
	return `"` + hex.EncodeToString(sum[:]) + `"`
}

func refuse(w http.ResponseWriter, status int, code string) {
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(status)
	fmt.Fprintf(w, `<?xml version="1.0" encoding="UTF-8"?><Error><Code>%s</Code><Message>no</Message></Error>`, code)
}
