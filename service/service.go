// Package service is where use cases live, one package a slice of the
// product: groups, posts, votes and so on.
//
// A use case is one transaction: load, ask the rules of community, store,
// record the fact. The acting actor is a parameter. Slices never import each
// other: they share rules through community and data through storage, and
// react to each other through facts. This package itself stays empty.
package service
