package as

import (
	"encoding/json"
	"strings"
	"testing"
)

// What is said of quotes can be read again, has no more than ids in it, and is
// never written with what is no id.
func TestQuotations(t *testing.T) {
	stamp := QuoteAuthorization{
		ID: "https://ex.test/quotes/1", AttributedTo: "https://ex.test/u/ada", InteractingObject: "https://far.test/n/1?a&b", InteractionTarget: "https://ex.test/post/7",
	}
	body, err := stamp.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	doc, err := Parse(t.Context(), body)
	if err != nil {
		t.Fatal(err)
	}
	got := QuoteAuthorization{ID: doc.ID(), AttributedTo: doc.Ref("attributedTo"), InteractingObject: doc.Ref("interactingObject"), InteractionTarget: doc.Ref("interactionTarget")}
	if got != stamp || doc.Kind() != KindQuoteAuthorization || !Known(doc.Kind()) {
		t.Errorf("%s is read as %+v", body, got)
	}
	stamp.InteractingObject = "no id"
	if body, err := stamp.Marshal(); err == nil {
		t.Errorf("it was written: %s", body)
	}
	if body, err := (QuoteRequest{ID: "https://ex.test/r/1", Actor: "https://ex.test/u/ada", Object: "", Instrument: "https://ex.test/n/1"}).Marshal(); err == nil {
		t.Errorf("it was written: %s", body)
	}
}

// The terms of a policy are defined where there is one, and only there.
func TestPoliciesAreDefined(t *testing.T) {
	note := Note{ID: "https://ex.test/comment/1", AttributedTo: "https://ex.test/u/ada", To: []string{Public}, QuotedBy: []string{Public}}
	quotable, err := note.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	note.QuotedBy = nil
	plain, err := note.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	const term = `"canQuote":"gts:canQuote"`
	for name, test := range map[string]struct {
		document interface{ Marshal() ([]byte, error) }
		want     int
	}{
		"what holds one":     {Create{ID: "https://ex.test/a/1", Actor: "https://ex.test/u/ada", Object: WithoutContext(quotable)}, 1},
		"what holds none":    {Create{ID: "https://ex.test/a/1", Actor: "https://ex.test/u/ada", Object: WithoutContext(plain)}, 0},
		"a collection of it": {OrderedCollection{ID: "https://ex.test/outbox", Items: []json.RawMessage{WithoutContext(plain), WithoutContext(quotable)}}, 1},
	} {
		body, err := test.document.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(string(body), term); n != test.want {
			t.Errorf("%s defines it %d times: %s", name, n, body)
		}
	}
	if !strings.Contains(string(quotable), term) || strings.Contains(string(plain), term) {
		t.Errorf("%s\n%s", quotable, plain)
	}
}
