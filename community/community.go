// Package community is the vocabulary of the server: the types that the rest
// of the program talks in, and the rules that can be decided by looking at
// them alone.
//
// Nothing here does I/O, and nothing here knows that SQL, HTTP or ActivityPub
// exist. A rule that needs a query belongs in a use case (service/posts,
// service/votes, …), which loads what the rule needs and then asks it.
//
// Conventions: a zero time means "not so"; ids are positive and stay below
// 2^53 because clients in JavaScript read them; times are UTC, in
// microseconds at the finest, which is what both databases keep.
package community

import "time"

// Timestamp returns t as both databases will give it back.
func Timestamp(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

// A Subject is what a vote, a report or a counter is about: one post, one
// comment or one actor.
type Subject struct {
	Kind SubjectKind
	ID   int64
}

// SubjectKind says which table a Subject's id belongs to. The numbers are
// stored and never change.
type SubjectKind int16

// The kinds of subject.
const (
	SubjectPost    SubjectKind = 1
	SubjectComment SubjectKind = 2
	SubjectActor   SubjectKind = 3
	SubjectMessage SubjectKind = 4
)
