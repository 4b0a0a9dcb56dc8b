package federation

import (
	"maps"
	"slices"
)

// Documents lists the addresses of ActivityStreams documents.
func (s *Server) Documents() []string { return slices.Sorted(maps.Keys(s.documents())) }

// Digest is what FEP-8fcf compares.
var Digest = digest
