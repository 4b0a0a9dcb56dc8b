package api

import (
	"net/http"
	"slices"
)

// Reads lists the paths of everything that can be read.
func Reads(o Options) ([]string, error) {
	e, err := mount(o)
	if err != nil {
		return nil, err
	}
	var paths []string
	for _, r := range e.Routes() {
		if r.Method == http.MethodGet {
			paths = append(paths, r.Path)
		}
	}
	slices.Sort(paths)
	return slices.Compact(paths), nil
}
