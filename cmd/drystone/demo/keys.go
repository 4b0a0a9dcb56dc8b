package demo

import (
	"context"
	"runtime"
)

// Ahead returns a maker of key pairs that makes them in the background, on
// every processor, before they are asked for. It ends with ctx.
func Ahead(ctx context.Context, newKey func() (private, public string, err error)) func() (private, public string, err error) {
	type pair struct {
		private, public string
		err             error
	}
	pairs := make(chan pair, runtime.GOMAXPROCS(0))
	for range runtime.GOMAXPROCS(0) {
		go func() {
			for ctx.Err() == nil {
				private, public, err := newKey()
				select {
				case pairs <- pair{private, public, err}:
				case <-ctx.Done():
				}
			}
		}()
	}
	return func() (private, public string, err error) {
		select {
		case p := <-pairs:
			return p.private, p.public, p.err
		case <-ctx.Done():
			return "", "", ctx.Err()
		}
	}
}
