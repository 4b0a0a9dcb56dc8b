package federation

import (
	"context"

	"drystone/fault"
	"drystone/federation/as"
)

// maxPages bounds the pages of one collection that are read.
const maxPages = 30

// An item is one thing that a collection lists: by its id, or whole, if it is
// of the collection's own server, which is its word for it (FEP-fe34).
type item struct {
	id  string
	doc as.Doc // zero where only the id may be believed
}

// collect returns up to most items of a collection, from as many pages as
// that takes.
func (s *Server) collect(ctx context.Context, address string, most int) ([]item, error) {
	var items []item
	got, err := s.getIf(ctx, address, "")
	if err != nil {
		return nil, err
	}
	err = s.pages(ctx, got, func(it item) bool {
		items = append(items, it)
		return len(items) < most
	})
	if len(items) > 0 {
		return items, nil // what there is of it
	}
	return nil, err
}

// pages calls take for every item of a collection, page after page, until it
// wants no more.
func (s *Server) pages(ctx context.Context, collection loaded, take func(item) bool) error {
	if !isCollection(collection.doc) {
		return fault.New(fault.Invalid, "%s is a %.60q and no collection.", collection.from, collection.doc.Kind())
	}
	if !eachItem(collection, take) {
		return nil
	}
	seen := map[string]bool{collection.from: true}
	next := collection
	key := "first"
	for range maxPages {
		page, ok, err := s.turn(ctx, next, key, seen)
		if err != nil || !ok || !eachItem(page, take) {
			return err
		}
		next, key = page, "next"
	}
	return nil
}

// turn returns the page that a collection or page names by key: embedded,
// or read from its server, which is the collection's.
func (s *Server) turn(ctx context.Context, from loaded, key string, seen map[string]bool) (page loaded, ok bool, err error) {
	if doc, embedded := from.doc.Embedded(key); embedded {
		return loaded{doc: doc, from: from.from}, true, nil
	}
	address := from.doc.Ref(key)
	if address == "" || seen[address] || !as.SameHost(address, from.from) {
		return loaded{}, false, nil
	}
	seen[address] = true
	page, err = s.getIf(ctx, address, "")
	return page, err == nil && isCollection(page.doc), err
}

func isCollection(doc as.Doc) bool {
	switch doc.Kind() {
	case as.KindCollection, as.KindOrderedCollection, as.KindCollectionPage, as.KindOrderedCollectionPage:
		return true
	}
	return false
}

// eachItem calls take for what one page lists, and reports whether it wants
// more.
func eachItem(page loaded, take func(item) bool) bool {
	for _, key := range []string{"orderedItems", "items"} {
		embedded := map[string]as.Doc{}
		for _, doc := range page.doc.Embeddeds(key) {
			if as.SameHost(doc.ID(), page.from) {
				embedded[doc.ID()] = doc
			}
		}
		for _, id := range page.doc.Refs(key) {
			if !take(item{id: id, doc: embedded[id]}) {
				return false
			}
		}
	}
	return true
}
