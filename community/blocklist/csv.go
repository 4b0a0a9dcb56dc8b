package blocklist

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strings"

	"drystone/fault"
)

// columns are the names that columns have, whatever is before them and however
// they are written. What a column means is told by its name and never by its
// place: two lists in use have the comment where others have the severity.
var columns = map[string]string{
	"domain": "domain", "instance": "domain", "host": "domain",
	"severity": "severity", "reject_media": "reject_media", "reject_reports": "reject_reports", "obfuscate": "obfuscate",
	"public_comment": "comment", "comment": "comment", "reason": "comment", "private_comment": "private",
	"digest": "digest", "tags": "labels", "labels": "labels",
}

// text reads lines: a table if its first line names columns, names otherwise.
func (r *reader) text(content []byte) error {
	line, _, _ := bytes.Cut(content, []byte("\n"))
	header := headerOf(strings.TrimRight(string(line), "\r"))
	if header == nil {
		r.list.Format = Plain
		return r.lines(string(content))
	}
	r.list.Format = CSV
	return r.table(content, header)
}

// headerOf returns what the columns of a first line mean, with an empty word
// for what is not known; nil if it names no column of domains.
func headerOf(line string) []string {
	fields, err := csv.NewReader(strings.NewReader(line)).Read()
	if err != nil {
		return nil
	}
	header := make([]string, len(fields))
	for i, f := range fields {
		name := columns[strings.ToLower(strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(f), "#")))]
		if name != "" && !slices.Contains(header, name) {
			header[i] = name
		}
	}
	if !slices.Contains(header, "domain") {
		return nil
	}
	return header
}

// table reads the rows below a header. A quote that nobody closed would take
// the rest of the list into its cell: then its line is malformed, and what
// comes after it is read as if it were not there.
func (r *reader) table(content []byte, header []string) error {
	bare, names := !slices.Contains(header, "severity"), len(header) == 1
	rest, line := content, 1
	skip := func(n int) {
		line += bytes.Count(rest[:n], []byte("\n"))
		rest = rest[n:]
	}
	skip(lineEnd(rest))
	for len(rest) > 0 {
		in := csv.NewReader(bytes.NewReader(rest))
		in.FieldsPerRecord, in.LazyQuotes = -1, true
		var read int64
		for {
			record, err := in.Read()
			if errors.Is(err, io.EOF) {
				return nil
			}
			if end := in.InputOffset(); err != nil || bytes.Count(rest[read:end], []byte(`"`))%2 == 1 {
				skip(int(read))
				break
			}
			read = in.InputOffset()
			row := Row{Raw: cell(record, header, "domain")}
			row.Number, _ = in.FieldPos(0)
			row.Number += line - 1
			if err := r.add(r.cells(row, record, header, bare, names)); err != nil {
				return err
			}
		}
		blank := len(rest) - len(bytes.TrimLeft(rest, "\r\n"))
		skip(blank)
		end := lineEnd(rest)
		if err := r.add(Row{Number: line, Raw: clip(strings.TrimSpace(string(rest[:end]))), Verdict: Rejected, Reason: Malformed}); err != nil {
			return err
		}
		skip(end)
	}
	return nil
}

// lineEnd is where the next line begins.
func lineEnd(text []byte) int {
	if at := bytes.IndexByte(text, '\n'); at >= 0 {
		return at + 1
	}
	return len(text)
}

// cells reads a row. bare says that there is no column of severities, names
// that there is nothing but names.
func (r *reader) cells(row Row, record, header []string, bare, names bool) Row {
	row.Comment, row.Private = cell(record, header, "comment"), cell(record, header, "private")
	row.Labels = labelsOf(cell(record, header, "labels"), row.Comment)
	if len(record) > len(header) && strings.TrimSpace(strings.Join(record[len(header):], "")) != "" {
		row.Verdict, row.Reason = Rejected, Malformed // a comma that nobody quoted: no cell is where it seems
		return row
	}
	r.uncover(&row, cell(record, header, "digest"))
	switch {
	case names:
		row.Level = r.means(Drop)
	case bare:
		row.Level = r.Means
		if r.Means == NoLevel {
			row.Verdict, row.Reason = Held, UnknownLevel
		}
	default:
		r.severity(&row, cell(record, header, "severity"))
	}
	media, ok1 := yes(cell(record, header, "reject_media"))
	reports, ok2 := yes(cell(record, header, "reject_reports"))
	_, ok3 := yes(cell(record, header, "obfuscate"))
	if !ok1 || !ok2 || !ok3 {
		row.Verdict, row.Reason = Held, UnknownFlag
	}
	limit(&row, media, reports)
	return row
}

// limit adds what Mastodon says in columns of their own. Who is dropped sends
// neither.
func limit(row *Row, media, reports bool) {
	if row.Level > Filter {
		return
	}
	if media {
		row.Level, row.Limits = Filter, append(row.Limits, NoMedia)
	}
	if reports {
		row.Level, row.Limits = Filter, append(row.Limits, IgnoreReports)
	}
}

// severity reads Mastodon's word for a level. One that nobody knows is never
// taken for the hardest.
func (r *reader) severity(row *Row, word string) {
	switch strings.ToLower(strings.TrimSpace(word)) {
	case "suspend":
		row.Level = Drop
	case "silence", "limit":
		row.Level, row.Limits = Filter, []Limit{Unlisted, NoTrends}
	case "noop", "none":
	default:
		row.Verdict, row.Reason = Held, UnknownLevel
	}
}

func cell(record, header []string, name string) string {
	if at := slices.Index(header, name); at >= 0 && at < len(record) {
		return strings.TrimSpace(record[at])
	}
	return ""
}

// yes reads a cell that is yes or no, in any of the ways in use; an empty one
// is no.
func yes(word string) (value, ok bool) {
	switch strings.ToLower(word) {
	case "true", "t", "1", "yes", "y":
		return true, true
	case "false", "f", "0", "no", "n", "":
		return false, true
	}
	return false, false
}

// labelsOf are labels in a column of their own, or in a comment that consists
// of them, as IFTAS writes: iftas:spam;iftas:hate-speech.
func labelsOf(cell, comment string) []string {
	text := cell
	if text == "" && strings.HasPrefix(comment, "iftas:") {
		text = comment
	}
	var labels []string
	for _, word := range strings.FieldsFunc(text, func(r rune) bool { return r == ';' || r == ',' }) {
		if word = strings.TrimSpace(word); word != "" {
			labels = append(labels, word)
		}
	}
	return labels
}

// lines reads a name on each line. What begins with # is a remark, and so is
// an empty line; both are counted in the numbers of lines and nothing else.
func (r *reader) lines(content string) error {
	number := 0
	for line := range strings.SplitSeq(content, "\n") {
		number++
		name := strings.TrimSpace(line)
		if name == "" || name[0] == '#' {
			continue
		}
		row := Row{Number: number, Raw: name, Level: r.means(Drop)}
		if host, rest, several := strings.Cut(name, ","); several {
			// A table without a header: nobody can know what its columns mean.
			row.Raw, row.Level, row.Comment = host, NoLevel, strings.TrimSpace(rest)
			row.Verdict, row.Reason = Held, UnknownLevel
		}
		if err := r.add(row); err != nil {
			return err
		}
	}
	if len(r.list.Rows) == 0 {
		return fault.New(fault.Invalid, "There are no names in the list.")
	}
	return nil
}
