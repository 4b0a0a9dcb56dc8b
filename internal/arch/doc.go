// Package arch is the drawing of the house as a test: which folder may know
// which, where each library lives, and how large a room may be.
//
// It holds nothing but tests, which read the source of the whole module. When
// one fails it names the arrow that broke; whoever wants another drawing changes
// the table here and says why in docs/adr.
package arch
