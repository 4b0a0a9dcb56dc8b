// Package federation is how this server speaks with others: it receives what
// they send, fetches what it needs to understand it, publishes what is ours
// as ActivityPub documents and delivers what happens here.
//
// It only translates. What an activity means is decided by the same use cases
// (service/…) that the API calls; what a document looks like is package as,
// signatures are httpsig, and where a request may go is guard. An activity
// that arrives is checked (inbox.go, verify.go), stored (intake.go) and
// answered 202; a job then says what it meant (receive.go, and one file a
// noun: post.go, comment.go, vote.go, membership.go, person.go, group.go,
// announce.go). What happens here becomes activities in a reader of facts, and
// the log of activities is delivered by a cursor for each peer.
//
// The peers that this was written for, and what each of them really does, are
// in the project's FEDERATION.md; comments name the ones that a line is for.
package federation
