package as

import (
	"context"
	"encoding/json"

	"github.com/go-fed/activity/streams"
	"github.com/go-fed/activity/streams/vocab"
)

// Type returns d as go-fed sees it, or nil if go-fed does not know the type
// or cannot make sense of a value. It costs as much as several signature
// checks and is computed anew each time: keep it, and take texts and
// extensions from d itself.
func (d Doc) Type(ctx context.Context) (typed vocab.Type) {
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
