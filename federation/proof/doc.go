// Package proof makes and checks the integrity proofs that documents carry
// inside (FEP-8b32): who wrote a document can be told from the document,
// whoever passes it on. The one kind is eddsa-jcs-2022 of W3C's Data
// Integrity: Ed25519 over SHA-256 over RFC 8785's canonical form. Keys are
// written as Multikeys (FEP-521a).
//
// A proof says that the holder of a key wrote these bytes, and nothing else.
// Whose key it is, whether they may speak of what they speak of, and how old a
// proof may be, is for package federation to decide; what requests are signed
// with is package httpsig.
package proof
