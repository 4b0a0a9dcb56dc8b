package arch

import (
	"bytes"
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

const module = "drystone"

// A pkg is what go list says of a package of ours, its path without the
// module's name.
type pkg struct {
	ImportPath string
	Dir        string
	Name       string

	GoFiles      []string
	TestGoFiles  []string
	XTestGoFiles []string

	Imports      []string
	TestImports  []string
	XTestImports []string
}

// A source is a parsed file.
type source struct {
	pkg  *pkg
	path string // from the module's root
	file *ast.File
	set  *token.FileSet
	test bool
}

// load lists the module's packages once for all tests. Packages that do not
// compile are listed too: the compiler says that better.
var load = sync.OnceValues(func() ([]*pkg, error) {
	list := exec.Command("go", "list", "-e", "-json=ImportPath,Dir,Name,GoFiles,TestGoFiles,XTestGoFiles,Imports,TestImports,XTestImports", "./...")
	list.Dir = filepath.Join("..", "..")
	if err := look(list.Dir); err != nil {
		return nil, err
	}
	var complaint bytes.Buffer
	list.Stderr = &complaint
	out, err := list.Output()
	if err != nil {
		return nil, errors.New("go list: " + complaint.String())
	}
	var pkgs []*pkg
	for decoder := json.NewDecoder(bytes.NewReader(out)); ; {
		var p pkg
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			return pkgs, nil
		} else if err != nil {
			return nil, err
		}
		p.ImportPath = strings.TrimPrefix(p.ImportPath, module+"/")
		if strings.Contains(p.ImportPath, "node_modules/") {
			continue // some npm packages carry Go files
		}
		pkgs = append(pkgs, &p)
	}
})

// look opens every folder that may hold packages. go test remembers results by
// what the test itself opened; without this a new package would go unnoticed.
func look(root string) error {
	return filepath.WalkDir(root, func(_ string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() && slices.Contains([]string{".git", "node_modules", ".svelte-kit", "build", "data", "bin"}, entry.Name()) {
			return filepath.SkipDir
		}
		return err
	})
}

func packages(t *testing.T) []*pkg {
	t.Helper()
	pkgs, err := load()
	if err != nil {
		t.Fatal(err)
	}
	return pkgs
}

// sources parses every Go file of the module.
func sources(t *testing.T) []source {
	t.Helper()
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	var list []source
	add := func(p *pkg, names []string, test bool) {
		for _, name := range names {
			path := filepath.Join(p.Dir, name)
			set := token.NewFileSet()
			file, err := parser.ParseFile(set, path, nil, parser.ParseComments)
			if err != nil {
				t.Fatal(err)
			}
			short, err := filepath.Rel(root, path)
			if err != nil {
				t.Fatal(err)
			}
			list = append(list, source{p, filepath.ToSlash(short), file, set, test})
		}
	}
	for _, p := range packages(t) {
		add(p, p.GoFiles, false)
		add(p, p.TestGoFiles, true)
		add(p, p.XTestGoFiles, true)
	}
	return list
}

// production reports whether a file is part of the program, as opposed to
// tests and what serves them.
func (s source) production() bool { return !s.test && !within(s.pkg.ImportPath, "internal") }

// line is where a node begins.
func (s source) line(n ast.Node) int { return s.set.Position(n.Pos()).Line }

// within reports whether path is folder or below it.
func within(path, folder string) bool {
	return path == folder || strings.HasPrefix(path, folder+"/")
}

// withinAny reports whether path is in one of the folders.
func withinAny(path string, folders []string) bool {
	for _, folder := range folders {
		if within(path, folder) {
			return true
		}
	}
	return false
}
