package portability

import (
	"archive/zip"
	"encoding/csv"
	"errors"
	"io"
	"path"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"drystone/community"
	"drystone/fault"
)

// Bounds of what is brought along.
const (
	MostUpload  = 64 << 20 // bytes, of all files that are sent
	mostFile    = 20 << 20 // bytes of one file, unpacked
	mostTotal   = 60 << 20 // bytes of all files that are read, unpacked
	mostEntries = 2000     // in a ZIP
	mostLines   = 20_000   // as many as Mastodon takes
	mostCell    = 2048     // bytes; an address is no longer
	mostName    = 60       // characters of a file's name, as it is told
)

// An Upload is a file that somebody sends.
type Upload struct {
	Name string
	Body io.ReaderAt
	Size int64
}

// A reading is what was read of the files so far.
type reading struct {
	lines []*community.ImportLine
	total int64
	home  string // the host of this server

	pictures map[community.PictureUse][]byte // that lines are about
}

// wrong says what is wrong with a file, and where.
func wrong(file string, line int, format string, args ...any) error {
	where := shortName(file)
	if line > 0 {
		return fault.Field("files", "%s, line %d: "+format, append([]any{where, line}, args...)...)
	}
	return fault.Field("files", "%s: "+format, append([]any{where}, args...)...)
}

// shortName is the name of a file as it can be shown.
func shortName(name string) string {
	name = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(name, ""))
	if r := []rune(name); len(r) > mostName {
		name = string(r[:mostName]) + "…"
	}
	if name == "" {
		return "a file without a name"
	}
	return name
}

// Read reads lists from here, from Mastodon and from Lemmy. What cannot be a
// list is refused, with the file and the line.
func Read(home string, uploads []Upload) ([]*community.ImportLine, error) {
	r, err := read(home, uploads)
	if err != nil {
		return nil, err
	}
	return r.lines, nil
}

func read(home string, uploads []Upload) (*reading, error) {
	r := &reading{home: home, pictures: map[community.PictureUse][]byte{}}
	if len(uploads) == 0 {
		return nil, fault.Field("files", "Choose at least one file.")
	}
	for _, u := range uploads {
		if err := r.upload(u); err != nil {
			return nil, err
		}
	}
	if len(r.lines) == 0 {
		return nil, fault.Field("files", "There is nothing in what you chose.")
	}
	return r, nil
}

func (r *reading) upload(u Upload) error {
	head := make([]byte, 4)
	n, err := u.Body.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if n == 4 && string(head) == "PK\x03\x04" {
		return r.archive(u)
	}
	if u.Size > mostFile {
		return fault.New(fault.TooLarge, "%s is too large: a list has at most %d MB.", shortName(u.Name), mostFile>>20)
	}
	return r.file(path.Base(strings.ReplaceAll(u.Name, `\`, "/")), io.NewSectionReader(u.Body, 0, u.Size))
}

// archive reads a ZIP. Names in it lead nowhere, and sizes that it tells are
// not believed.
func (r *reading) archive(u Upload) error {
	z, err := zip.NewReader(u.Body, u.Size)
	if err != nil {
		return wrong(u.Name, 0, "it looks like a ZIP, but it is damaged.")
	}
	if len(z.File) > mostEntries {
		return wrong(u.Name, 0, "there are more than %d files in it.", mostEntries)
	}
	has := map[string]bool{}
	for _, f := range z.File {
		has[path.Base(f.Name)] = true
	}
	for _, f := range z.File {
		if !safeName(f.Name) {
			return wrong(u.Name, 0, "it has a file called %q, which leads out of it.", shortName(f.Name))
		}
		if use, ok := pictureOf(f.Name); ok {
			if err := r.picture(u.Name, use, f); err != nil {
				return err
			}
			continue
		}
		if strings.HasSuffix(f.Name, "/") || !readable(f.Name) || repeats(path.Base(f.Name), has) {
			continue
		}
		if err := r.packed(u.Name, f); err != nil {
			return err
		}
	}
	return nil
}

func (r *reading) packed(archive string, f *zip.File) error {
	body, err := f.Open()
	if err != nil {
		return wrong(archive, 0, "%s in it cannot be unpacked.", shortName(f.Name))
	}
	defer body.Close()
	return r.file(f.Name, body)
}

// picture keeps a picture of an archive until it is looked at. One that is too
// large for anything is not read at all.
func (r *reading) picture(archive string, use community.PictureUse, f *zip.File) error {
	body, err := f.Open()
	if err != nil {
		return wrong(archive, 0, "%s in it cannot be unpacked.", shortName(f.Name))
	}
	defer body.Close()
	upload, err := io.ReadAll(io.LimitReader(body, mostFile+1))
	if err != nil {
		return wrong(archive, 0, "%s in it is damaged.", shortName(f.Name))
	}
	if r.pictures[use] != nil {
		return nil
	}
	r.pictures[use] = upload
	return r.add(community.ImportLine{File: f.Name, Kind: community.LinePicture, Target: string(use)})
}

// safeName reports whether the name of a file in an archive stays below it.
func safeName(name string) bool {
	return name != "" && !strings.ContainsAny(name, "\\\x00:") && !strings.HasPrefix(name, "/") &&
		!slices.Contains(strings.Split(name, "/"), "..") && utf8.ValidString(name)
}

// repeats reports whether another file of the same archive says the same, and
// more.
func repeats(base string, has map[string]bool) bool {
	switch base {
	case fileBookmarks + ".json":
		return has[fileBookmarks+".csv"]
	case fileLemmy:
		return has[fileSettings]
	case fileBlocked, fileMuted, fileDomains:
		return has[fileBlocks]
	}
	return false
}

// readable reports whether a file of an archive is one to read. What else is in
// it (words, pictures, notifications) stays where it is.
func readable(name string) bool {
	base := path.Base(name)
	return strings.HasSuffix(base, ".csv") && base != fileFollowers || base == fileSettings || base == fileLemmy || base == fileBlocks || base == fileFacets || base == fileBookmarks+".json"
}

// file reads one list.
func (r *reading) file(name string, body io.Reader) error {
	text, err := io.ReadAll(io.LimitReader(body, min(mostFile, mostTotal-r.total)+1))
	if err != nil {
		return wrong(name, 0, "it is damaged and cannot be read.")
	}
	if r.total += int64(len(text)); len(text) > mostFile || r.total > mostTotal {
		return fault.New(fault.TooLarge, "%s is too large when it is unpacked.", shortName(name))
	}
	clean := strings.TrimPrefix(string(text), "\ufeff")
	if line := illegible(clean); line > 0 {
		return wrong(name, line, "it is not text in UTF-8. Save it as UTF-8 and try again.")
	}
	if trimmed := strings.TrimSpace(clean); strings.HasPrefix(trimmed, "{") || strings.HasPrefix(trimmed, "[") || strings.HasSuffix(name, ".json") {
		return r.document(name, trimmed)
	}
	return r.table(name, clean)
}

// illegible is the first line with something that is no text, or 0.
func illegible(text string) int {
	for i, r := range text {
		if r == utf8.RuneError && !strings.HasPrefix(text[i:], "\ufffd") || r < ' ' && r != '\n' && r != '\r' && r != '\t' || r == 0x7f {
			return 1 + strings.Count(text[:i], "\n")
		}
	}
	return 0
}

// add takes a line, unless there are too many.
func (r *reading) add(l community.ImportLine) error {
	if len(r.lines) >= mostLines {
		return fault.New(fault.TooLarge, "There are more than %d lines. Bring them in several parts.", mostLines)
	}
	if l.Target == "" {
		return wrong(l.File, l.Line, "there is an empty value where an address is expected.")
	}
	if illegible(l.Target) > 0 || illegible(l.Detail) > 0 {
		return wrong(l.File, l.Line, "there are characters in it that are no text.") // JSON can spell them
	}
	l.File = shortName(l.File)
	r.lines = append(r.lines, &l)
	return nil
}

// table reads a CSV.
func (r *reading) table(name, text string) error {
	rows := csv.NewReader(strings.NewReader(text))
	rows.FieldsPerRecord = -1
	var form *form
	var columns []string
	for {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return wrong(name, lineOf(err), "it is not written as a list of values with commas between.")
		}
		line, _ := rows.FieldPos(0)
		if slices.ContainsFunc(row, func(cell string) bool { return len(cell) > mostCell }) {
			return wrong(name, line, "a value is longer than %d characters.", mostCell)
		}
		if form == nil {
			header := slices.Contains(firstHeaders, strings.TrimSpace(row[0]))
			if form = formOf(name, row, header); form == nil {
				return wrong(name, 0, "we cannot tell what is listed in it. Give it the name under which Mastodon writes it, such as following_accounts.csv.")
			}
			if columns = form.columns; header {
				columns = row
				continue
			}
		}
		if err := r.row(name, line, form, columns, row); err != nil {
			return err
		}
	}
	return nil
}

func lineOf(err error) int {
	var broken *csv.ParseError
	if errors.As(err, &broken) {
		return broken.Line
	}
	return 0
}

func (r *reading) row(name string, line int, f *form, columns, row []string) error {
	cell := func(column string) string {
		if i := slices.IndexFunc(columns, func(c string) bool { return strings.TrimSpace(c) == column }); i >= 0 && i < len(row) {
			return strings.TrimSpace(row[i])
		}
		return ""
	}
	l := community.ImportLine{File: name, Line: line, Kind: f.kind, Target: cell(f.target)}
	if f.kind == community.LineList {
		l.Detail = cell("List name")
	}
	if f.kind == community.LineJoin {
		if url := cell("URL"); strings.Contains(url, "://") {
			l.Detail = url
		}
	}
	if l.Target == "" {
		return wrong(name, line, "there is nothing under %q.", f.target)
	}
	return r.add(r.checked(l))
}
