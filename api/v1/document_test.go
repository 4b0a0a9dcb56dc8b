package v1_test

import (
	"flag"
	"log/slog"
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/labstack/echo/v4"

	"drystone/api/v1"
)

var update = flag.Bool("update", false, "write the OpenAPI document instead of comparing it")

// Whoever reads the repository, and the frontend's types, read openapi.json:
// it must be what the code says.
func TestDocument(t *testing.T) {
	api := v1.New(echo.New(), v1.Options{Origin: "https://example.org", Log: slog.New(slog.DiscardHandler), Now: time.Now})
	got, err := api.Document()
	if err != nil {
		t.Fatal(err)
	}
	const path = "openapi.json"
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("openapi.json is stale; run go test ./api/v1 -run TestDocument -update (-committed +generated):\n%s", diff)
	}
}
