// Package frontend is the web app: its source, its tests, and its build as a
// file system for the server to hand out.
//
// It knows nothing of the rest of the program. What is put around the app's
// shell (titles, a readable page, the first data) is the business of api/web.
package frontend

import (
	"embed"
	"io/fs"
)

// The folder always holds a placeholder, so that the server compiles before
// anybody has run npm; "all:" because Vite's files live under _app.
//
//go:embed all:build
var build embed.FS

// Build is the built app, with index.html at its root. Without a build it
// holds nothing but a placeholder.
func Build() fs.FS {
	sub, err := fs.Sub(build, "build")
	if err != nil {
		// The name is a constant and the folder is embedded above.
		panic(err)
	}
	return sub
}
