package arch

import (
	"go/ast"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

const (
	maxFileLines     = 500
	maxFunctionLines = 80
)

// A sentence ends where a full stop is followed by space or by nothing.
var sentenceEnd = regexp.MustCompile(`[.!?)]["”]?(\s|$)`)

func TestEveryPackageSaysWhatItIsFor(t *testing.T) {
	docs := map[string]string{}
	for _, s := range sources(t) {
		if !s.test && s.file.Doc != nil {
			docs[s.pkg.ImportPath] += s.file.Doc.Text()
		}
	}
	for _, p := range packages(t) {
		if len(p.GoFiles) == 0 {
			continue
		}
		doc := docs[p.ImportPath]
		if len(sentenceEnd.FindAllString(doc, -1)) < 2 {
			t.Errorf("%s has no package comment of two sentences: what it is for, and what does not belong in it", p.ImportPath)
		}
		if p.Name != "main" && doc != "" && !strings.HasPrefix(doc, "Package "+p.Name+" ") {
			t.Errorf("the package comment of %s does not begin with %q", p.ImportPath, "Package "+p.Name)
		}
	}
}

func TestOnlyConfigReadsTheEnvironment(t *testing.T) {
	for _, s := range sources(t) {
		if !s.production() || withinAny(s.pkg.ImportPath, []string{"config", "cmd"}) {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			switch selector(n) {
			case "os.Getenv", "os.LookupEnv", "os.Environ", "os.ExpandEnv", "syscall.Getenv":
				t.Errorf("%s:%d reads the environment: settings are fields of config.Config, handed down by cmd", s.path, s.line(n))
			}
			return true
		})
	}
}

func TestNothingHappensByImport(t *testing.T) {
	for _, s := range sources(t) {
		if !s.production() {
			continue
		}
		for _, decl := range s.file.Decls {
			if f, ok := decl.(*ast.FuncDecl); ok && f.Recv == nil && f.Name.Name == "init" {
				t.Errorf("%s:%d has an init function: let cmd call it, in the order that it chooses", s.path, s.line(f))
			}
		}
	}
}

func TestRandomnessIsReal(t *testing.T) {
	for _, s := range sources(t) {
		if !s.production() {
			continue
		}
		for _, spec := range s.file.Imports {
			if path, _ := strconv.Unquote(spec.Path.Value); within(path, "math/rand") {
				t.Errorf("%s:%d imports %s: tokens and keys need crypto/rand, and nothing else needs chance", s.path, s.line(spec), path)
			}
		}
	}
}

// What the two databases do differently has one place, or it would be
// everywhere.
func TestDialectsStayInTheirFiles(t *testing.T) {
	for _, s := range sources(t) {
		if s.test || strings.HasPrefix(s.path, "storage/dialect") || withinAny(s.pkg.ImportPath, []string{"migrations", "internal/testdb"}) {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			switch name := selector(n); {
			case name == "dialect.PG", name == "dialect.SQLite", strings.HasSuffix(name, ".Dialect"):
				t.Errorf("%s:%d asks which database it talks to: that belongs in storage/dialect*.go", s.path, s.line(n))
			}
			return true
		})
	}
}

func TestRoomsAreSmall(t *testing.T) {
	for _, s := range sources(t) {
		if s.test || ast.IsGenerated(s.file) {
			continue
		}
		if lines := s.set.Position(s.file.End()).Line; lines > maxFileLines {
			t.Errorf("%s has %d lines, more than %d: is it one room, or several?", s.path, lines, maxFileLines)
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			var name string
			switch n := n.(type) {
			case *ast.FuncDecl:
				name = n.Name.Name
			case *ast.FuncLit:
				name = "a function literal"
			default:
				return true
			}
			if lines := s.set.Position(n.End()).Line - s.line(n) + 1; lines > maxFunctionLines {
				t.Errorf("%s:%d: %s has %d lines, more than %d", s.path, s.line(n), name, lines, maxFunctionLines)
			}
			return true
		})
	}
}

func TestFrontendRoomsAreSmall(t *testing.T) {
	root := filepath.Join("..", "..", "frontend", "src")
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if os.IsNotExist(err) {
			return nil
		}
		if err != nil || entry.IsDir() {
			return err
		}
		name := entry.Name()
		switch filepath.Ext(name) {
		case ".svelte", ".ts", ".js":
		default:
			return nil
		}
		if strings.Contains(name, ".gen.") || strings.Contains(name, ".test.") {
			return nil
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if lines := strings.Count(string(content), "\n"); lines > maxFileLines {
			t.Errorf("%s has %d lines, more than %d: is it one room, or several?", strings.TrimPrefix(path, "../../"), lines, maxFileLines)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// selector is "x.Name" for an expression of that form, and ".Name" where x is
// itself an expression.
func selector(n ast.Node) string {
	s, ok := n.(*ast.SelectorExpr)
	if !ok {
		return ""
	}
	if x, ok := s.X.(*ast.Ident); ok {
		return x.Name + "." + s.Sel.Name
	}
	return "." + s.Sel.Name
}
