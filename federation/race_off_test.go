//go:build !race

package federation_test

// detector is whether the race detector looks on.
const detector = false
