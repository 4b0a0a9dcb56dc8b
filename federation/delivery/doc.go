// Package delivery takes what this server says to the servers that are to hear
// it: as fast as each of them takes it, in the order in which a thread was
// written, and without losing anything (FEDERATION.md, section 9).
//
// What is said and who is to hear it stands in the log of activities, which
// federation writes; how a request is signed is federation's, too. Retries,
// backing off, and sharing the work with other processes are here.
package delivery
