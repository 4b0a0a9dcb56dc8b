package v1

import "drystone/community"

// A List is a page of something, and the cursor of the page after it.
type List[T any] struct {
	Items []T    `json:"items" nullable:"false"`
	Next  string `json:"next,omitempty" doc:"Ask with cursor=NEXT for what follows. Absent at the end."`
}

// listOf is rows as the API shows them. An empty list is a list.
func listOf[Row, T any](rows []Row, next string, show func(Row) T) List[T] {
	return List[T]{Items: each(rows, show), Next: next}
}

func each[Row, T any](rows []Row, show func(Row) T) []T {
	items := make([]T, len(rows))
	for i, row := range rows {
		items[i] = show(row)
	}
	return items
}

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
	return community.Page{Limit: limit, After: p.Cursor}
}

// None is a request without anything in it.
type None struct{}
