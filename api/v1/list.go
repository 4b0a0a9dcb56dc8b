package v1

import (
	"encoding/base64"

	"drystone/community"
)

// A List is a page of something, and the cursor of the page after it.
type List[T any] struct {
	Items []T    `json:"items" nullable:"false"`
	Next  string `json:"next,omitempty" doc:"Ask with cursor=NEXT for what follows. Absent at the end."`
}

// listOf is rows as the API shows them. An empty list is a list.
func listOf[Row, T any](rows []Row, next string, show func(Row) T) List[T] {
	return List[T]{Items: each(rows, show), Next: cursors.EncodeToString([]byte(next))}
}

func each[Row, T any](rows []Row, show func(Row) T) []T {
	items := make([]T, len(rows))
	for i, row := range rows {
		items[i] = show(row)
	}
	return items
}

// cursors are written so that they can stand in an address as they are.
var cursors = base64.RawURLEncoding

// Paging is how lists are asked for.
type Paging struct {
	Limit  int    `query:"limit" default:"25" minimum:"1" maximum:"100" doc:"How many at most."`
	Cursor string `query:"cursor" maxLength:"400" doc:"The next of the page before."`
}

func (p Paging) page() community.Page {
	limit := p.Limit
	if limit < 1 || limit > community.MaxLimit {
		limit = community.DefaultLimit
	}
	after, err := cursors.DecodeString(p.Cursor)
	if err != nil {
		after = []byte(p.Cursor) // none of ours: whoever reads it says so
	}
	return community.Page{Limit: limit, After: string(after)}
}

// None is a request without anything in it.
type None struct{}
