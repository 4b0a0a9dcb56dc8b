package as

import (
	"bytes"
	"context"
	"encoding/json"

	"github.com/go-fed/activity/streams"
	"github.com/go-fed/activity/streams/vocab"
)

// maxTyped bounds the objects in what go-fed is given: it takes a third of a
// millisecond for each, so that a document made of thousands would cost a
// second. No activity or post comes near; collections do, and are read
// without types.
const maxTyped = 500

// Type returns d as go-fed sees it, or nil if go-fed does not know the type
// or cannot make sense of a value. It costs as much as several signature
// checks and is computed anew each time: keep it, and take texts and
// extensions from d itself.
func (d Doc) Type(ctx context.Context) (typed vocab.Type) {
	if bytes.Count(d.body, []byte("{")) > maxTyped {
		return nil
	}
	var object map[string]any
	if json.Unmarshal(d.body, &object) != nil || object == nil {
		return nil
	}
	// A peer's aliases never steer go-fed, which has them inverted anyway.
	object["@context"] = NS
	// What strangers wrote must not end the process, whatever go-fed does.
	defer func() {
		if recover() != nil {
			typed = nil
		}
	}()
	typed, err := streams.ToType(ctx, object)
	if err != nil {
		return nil
	}
	return typed
}
