package as

import "time"

// An Event is what makes a post an Event (FEP-8a8e): when and where it is, in
// the words of Mobilizon, Gancio and PieFed, who agree on the times only.
type Event struct {
	Starts, Ends time.Time // by the clock of the place; the end may be open
	Zone         string    // IANA's name of that clock
	Place        string
	Link         string // where it happens online, or where to sign up
}

// eventContext is that of other posts, with the words of Mobilizon and
// schema.org for events, which Gancio and others took up. PieFed's onlineLink
// is in nobody's context.
const eventContext = quotableTerms +
	`,{"mz":"https://joinmobilizon.org/ns#","sc":"http://schema.org#","address":"sc:address",` +
	`"timezone":{"@id":"mz:timezone","@type":"sc:Text"},"isOnline":{"@id":"mz:isOnline","@type":"sc:Boolean"},` +
	`"joinMode":{"@id":"mz:joinMode","@type":"mz:joinModeType"},` +
	`"externalParticipationUrl":{"@id":"mz:externalParticipationUrl","@type":"sc:URL"},` +
	`"onlineLink":"https://join.piefed.social/ns#onlineLink"}]`

func (e *Event) write(b *builder) {
	b.context = eventContext
	b.over["startTime"] = e.Starts.Format(time.RFC3339)
	if !e.Ends.IsZero() {
		b.over["endTime"] = e.Ends.Format(time.RFC3339)
	}
	b.extra("timezone", e.Zone)
	b.over["isOnline"] = e.Place == "" && e.Link != ""
	if e.Link != "" {
		// Nobody signs up with us, so Mobilizon sends people there.
		b.over["joinMode"], b.over["externalParticipationUrl"], b.over["onlineLink"] = "external", e.Link, e.Link
	}
	switch {
	case e.Place != "": // PieFed reads the address, Mobilizon and Gancio the name
		b.over["location"] = object(KindPlace, "name", e.Place, "address", e.Place)
	case e.Link != "":
		b.over["location"] = object(KindVirtualLocation, "url", e.Link)
	}
}
