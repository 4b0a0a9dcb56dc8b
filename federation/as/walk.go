package as

import "encoding/json"

// These walk over one level of valid JSON without copying it, so that every
// value stays the bytes that were received.

// members calls yield for every member of an object; it does nothing for
// other values.
func members(raw json.RawMessage, yield func(key string, value json.RawMessage)) {
	i := skipSpace(raw, 0)
	if i >= len(raw) || raw[i] != '{' {
		return
	}
	for i = skipSpace(raw, i+1); i < len(raw) && raw[i] == '"'; {
		end := endOfString(raw, i)
		key, _ := unquote(raw[i:end])
		start := skipSpace(raw, skipSpace(raw, end)+1) // over the colon
		end = endOfValue(raw, start)
		yield(key, raw[start:end])
		i = skipSpace(raw, skipSpace(raw, end)+1) // over the comma
	}
}

// elements returns the elements of an array, and any other value as the only
// element: peers write one-element arrays as bare values (JSON-LD compaction)
// and expect others to know. Nulls are left out.
func elements(raw json.RawMessage) []json.RawMessage {
	var list []json.RawMessage
	add := func(value json.RawMessage) {
		if len(value) > 0 && value[0] != 'n' {
			list = append(list, value)
		}
	}
	if len(raw) == 0 || raw[0] != '[' {
		add(raw)
		return list
	}
	for i := skipSpace(raw, 1); i < len(raw) && raw[i] != ']'; {
		end := endOfValue(raw, i)
		add(raw[i:end])
		i = skipSpace(raw, skipSpace(raw, end)+1)
	}
	return list
}

func skipSpace(raw []byte, i int) int {
	for i < len(raw) && (raw[i] == ' ' || raw[i] == '\t' || raw[i] == '\r' || raw[i] == '\n') {
		i++
	}
	return i
}

// endOfValue returns the index after the value that begins at i.
func endOfValue(raw []byte, i int) int {
	if i >= len(raw) {
		return len(raw)
	}
	switch raw[i] {
	case '"':
		return endOfString(raw, i)
	case '{', '[':
	default:
		return endOfLiteral(raw, i)
	}
	for depth := 0; i < len(raw); {
		switch raw[i] {
		case '"':
			i = endOfString(raw, i)
			continue
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return i + 1
			}
		}
		i++
	}
	return len(raw)
}
