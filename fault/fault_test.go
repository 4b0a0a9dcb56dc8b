package fault_test

import (
	"errors"
	"fmt"
	"testing"

	"drystone/fault"
)

func TestCodeOf(t *testing.T) {
	tests := []struct {
		name string
		err  error
		want fault.Code
	}{
		{"no error", nil, fault.None},
		{"a coded error", fault.New(fault.NotFound, "gone"), fault.NotFound},
		{"a wrapped coded error", fmt.Errorf("op: %w", fault.New(fault.Conflict, "taken")), fault.Conflict},
		{"an error of somebody else", errors.New("boom"), fault.Internal},
		{"the outermost code wins", fault.Because(fault.New(fault.NotFound, "x"), fault.Forbidden, "no"), fault.Forbidden},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := fault.CodeOf(test.err); got != test.want {
				t.Errorf("CodeOf = %q, want %q", got, test.want)
			}
		})
	}
}

func TestWrapKeepsCodeAndCause(t *testing.T) {
	cause := errors.New("disk on fire")
	find := func() (err error) {
		defer fault.Wrap(&err, "storage.Find(%d)", 7)
		return fault.Because(cause, fault.Unavailable, "The shelf is out of reach.")
	}
	err := find()
	if !errors.Is(err, cause) || fault.CodeOf(err) != fault.Unavailable {
		t.Fatalf("Wrap lost the cause or the code: %v", err)
	}
	const want = "storage.Find(7): The shelf is out of reach.: disk on fire"
	if err.Error() != want {
		t.Errorf("Error = %q, want %q", err, want)
	}
}

func TestWrapLeavesSuccessAlone(t *testing.T) {
	var err error
	fault.Wrap(&err, "op")
	if err != nil {
		t.Errorf("Wrap made an error of nothing: %v", err)
	}
}
