package federation

import (
	"regexp"
	"strconv"
	"strings"

	"drystone/community"
	"drystone/federation/as"
)

// eventIn reads when and where an Event is (FEP-8a8e, Mobilizon, PieFed), nil
// if the object is none.
func eventIn(object as.Doc) *community.Event {
	if object.Kind() != as.KindEvent {
		return nil
	}
	e := &community.Event{
		StartsAt: community.Timestamp(object.Time("startTime")), EndsAt: community.Timestamp(object.Time("endTime")),
		Zone: object.Text("timezone"), URL: webURL(firstOf(object.Ref("onlineLink"), object.Ref("externalParticipationUrl"))),
	}
	var parts []string
	for _, place := range object.Embeddeds("location") {
		if place.Has("url") && e.URL == "" && place.Kind() == as.KindVirtualLocation {
			e.URL = webURL(place.Ref("url"))
		}
		parts = append(parts, placeIn(place)...)
	}
	e.Place = strings.Join(parts, ", ")
	return e
}

// placeIn lists what a place is called, from the small to the large, as
// schema.org has it and as PieFed does.
func placeIn(place as.Doc) []string {
	var parts []string
	add := func(text string) {
		text = strings.Join(strings.Fields(plain(text)), " ")
		for _, known := range parts {
			if strings.EqualFold(known, text) {
				return
			}
		}
		if text != "" {
			parts = append(parts, text)
		}
	}
	add(place.Text("name"))
	address, ok := place.Embedded("address")
	if !ok {
		add(place.Text("address"))
		address = place
	}
	for _, key := range []string{"streetAddress", "addressLocality", "city", "addressRegion", "addressCountry", "country"} {
		add(address.Text(key))
	}
	return parts
}

// length is an xsd:duration as films have it.
var length = regexp.MustCompile(`^PT(?:(\d{1,4})H)?(?:(\d{1,6})M)?(?:(\d{1,8})(?:\.\d+)?S)?$`)

// duration is how long a film is, in seconds, 0 if that is not said.
func duration(object as.Doc) int64 {
	if object.Kind() != as.KindVideo {
		return 0
	}
	match := length.FindStringSubmatch(object.Text("duration"))
	if match == nil {
		return 0
	}
	total := int64(0)
	for i, seconds := range []int64{3600, 60, 1} {
		if n, err := strconv.ParseInt(match[i+1], 10, 64); err == nil {
			total += n * seconds
		}
	}
	return total
}
