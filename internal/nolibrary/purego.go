// Package purego stands in for a module of that name, which loads libraries of
// C while a program runs. What encodes WebP for us would rather use a libwebp
// that it happens to find on the machine than the one that it brings along as
// WebAssembly. No program of ours shall depend on what lies around: nor shall
// it be linked against C's own library, as asking for others needs that.
//
// go.mod puts this in the place of the other for every build, whatever its
// tags. Whoever asks for a library here is told that there is none.
package purego

import "errors"

// The flags with which libraries are asked for.
const (
	RTLD_NOW    = 2
	RTLD_GLOBAL = 0x100
)

var errNone = errors.New("no libraries are loaded here")

// Dlopen finds no library.
func Dlopen(string, int) (uintptr, error) { return 0, errNone }

// RegisterLibFunc is never called, as no library is found.
func RegisterLibFunc(any, uintptr, string) { panic(errNone) }

// NewCallback returns nothing that could be called: there is nobody to call it.
func NewCallback(any) uintptr { return 0 }
