package v1

import (
	"context"
	"time"

	"drystone/community"
	"drystone/fault"
	"drystone/service/blocks"
)

// blockRoutes is the part of the table of contents about what the caller keeps
// away from themselves.
func (a *API) blockRoutes() {
	const notFound, forbidden, conflict = fault.NotFound, fault.Forbidden, fault.Conflict

	s := section("Blocks")
	handle(a, s.get("/me/blocks", "listBlocks", "Whom and what I block").signedIn(), a.ListBlocks)
	handle(a, s.put("/me/blocks/{kind}/{name}", "block", "Block a person, group or server").signedIn().limited(a.limits.write).fails(notFound, forbidden).
		says("Neither of two people reads the other's words where they can be kept away; who is blocked cannot write to the other, answer or quote them, and neither follows the other. "+
			"Of a blocked group or server nothing is in my feeds and notifications, and nobody of that server writes to me. Again, it changes the end and the note."), a.block)
	do(a, s.delete("/me/blocks/{kind}/{name}", "unblock", "Take a block away").signedIn().fails(notFound), a.unblock)
	handle(a, s.get("/me/mutes", "listMutes", "Whom and what I mute").signedIn(), a.ListMutes)
	handle(a, s.put("/me/mutes/{kind}/{name}", "mute", "Mute a person, group or server").signedIn().limited(a.limits.write).fails(notFound, forbidden, conflict).
		says("Only I notice: nobody is told, and others go on as before."), a.mute)
	do(a, s.delete("/me/mutes/{kind}/{name}", "unmute", "Take a mute away").signedIn().fails(notFound), a.unmute)
	handle(a, s.post("/me/mutes/words", "muteWords", "Mute words").signedIn().creates().limited(a.limits.write).fails(forbidden).
		says("The same words again change the rest."), a.muteWords)
	handle(a, s.put("/me/mutes/words/{id}", "editMutedWords", "Change words that I mute").signedIn().limited(a.limits.write).fails(notFound, conflict), a.editMutedWords)
	do(a, s.delete("/me/mutes/words/{id}", "unmuteWords", "Take muted words away").signedIn().fails(notFound), a.UnmuteWords)
}

// A Block is something that the caller blocks or mutes.
type Block struct {
	ID        int64      `json:"id"`
	Kind      string     `json:"kind" enum:"person,group,server,words"`
	Target    *Actor     `json:"target,omitempty" doc:"The person or group."`
	Host      string     `json:"host,omitempty" doc:"The server."`
	Words     string     `json:"words,omitempty"`
	Whole     bool       `json:"whole,omitempty" doc:"The words are not looked for within longer ones."`
	Places    []string   `json:"places,omitempty" nullable:"false" enum:"feeds,threads,notifications,messages" doc:"Where the words are looked for."`
	Note      string     `json:"note" doc:"To oneself."`
	Tell      bool       `json:"tell,omitempty" doc:"A person's server may know of it."`
	CreatedAt time.Time  `json:"created_at"`
	Until     *time.Time `json:"until" doc:"When it ends by itself; null: never."`
}

func blockOf(v *community.BlockView) Block {
	b := Block{
		ID: int64(v.ID), Kind: string(v.Kind), Host: v.Host, Words: v.Words, Whole: v.Whole, Places: placesOf(v.Places),
		Note: v.Note, Tell: v.Told, CreatedAt: instant(v.CreatedAt), Until: maybe(v.Until),
	}
	if v.TargetID != 0 {
		target := actorOf(v.Target)
		b.Target = &target
	}
	return b
}

// places are the words of the API for where words are looked for.
var places = []struct {
	word  string
	place community.Place
}{
	{"feeds", community.InFeeds}, {"threads", community.InThreads}, {"notifications", community.InNotifications}, {"messages", community.InMessages},
}

func placesOf(set community.Place) (words []string) {
	for _, p := range places {
		if set&p.place != 0 {
			words = append(words, p.word)
		}
	}
	return words
}

func placesIn(words []string) (set community.Place) {
	for _, word := range words {
		for _, p := range places {
			if p.word == word {
				set |= p.place
			}
		}
	}
	return set
}

// BlocksQuery asks for what the caller keeps away.
type BlocksQuery struct {
	Kind string `query:"kind" enum:"person,group,server,words" doc:"Only of this kind."`
	Paging
}

// ListBlocks lists what the caller blocks, newest first.
func (a *API) ListBlocks(ctx context.Context, c *Caller, q *BlocksQuery) (List[Block], error) {
	rows, next, err := a.Blocks.List(ctx, c.Who.Actor, false, community.BlockKind(q.Kind), q.page())
	return listOf(rows, next, blockOf), err
}

// ListMutes lists what the caller mutes, newest first.
func (a *API) ListMutes(ctx context.Context, c *Caller, q *BlocksQuery) (List[Block], error) {
	rows, next, err := a.Blocks.List(ctx, c.Who.Actor, true, community.BlockKind(q.Kind), q.page())
	return listOf(rows, next, blockOf), err
}

// BlockPath names what is blocked or muted.
type BlockPath struct {
	Kind string `path:"kind" enum:"people,groups,servers"`
	Name string `path:"name" maxLength:"300" doc:"name, or name@host; of a server its host." example:"alice@example.org"`
}

// A BlockRequest says what to keep away, and how.
type BlockRequest struct {
	BlockPath
	Body BlockWish
}

// BlockWish is how something is kept away.
type BlockWish struct {
	Until *time.Time `json:"until,omitempty" doc:"When it ends by itself. Leave it out for good." example:"2030-01-01T00:00:00Z"`
	Note  string     `json:"note,omitempty" doc:"To oneself, at most 200 characters."`
	Tell  bool       `json:"tell,omitempty" doc:"Of a blocked person on a server like Mastodon: tell it, so that it keeps the two apart too. Such servers can show them that they are blocked."`
}

// wish is what the caller wants of what a path names.
func (a *API) wish(ctx context.Context, c *Caller, path BlockPath, mute bool) (wish blocks.Wish, err error) {
	wish.Mute = mute
	switch path.Kind {
	case "servers":
		wish.Host = path.Name
	case "groups":
		g, err := a.findGroup(ctx, c, path.Name)
		if err != nil {
			return wish, err
		}
		wish.Target = g.Actor
	default:
		h, err := a.handle(path.Name)
		if err != nil {
			return wish, err
		}
		wish.Target, err = a.Accounts.Person(ctx, h)
		return wish, err
	}
	return wish, nil
}

func (a *API) block(ctx context.Context, c *Caller, req *BlockRequest) (Block, error) {
	return a.Keep(ctx, c, req, false)
}

func (a *API) mute(ctx context.Context, c *Caller, req *BlockRequest) (Block, error) {
	return a.Keep(ctx, c, req, true)
}

// Keep blocks or mutes something.
func (a *API) Keep(ctx context.Context, c *Caller, req *BlockRequest, mute bool) (Block, error) {
	wish, err := a.wish(ctx, c, req.BlockPath, mute)
	if err != nil {
		return Block{}, err
	}
	wish.Note, wish.Tell, wish.Until = req.Body.Note, req.Body.Tell, timeOf(req.Body.Until)
	v, err := a.Blocks.Put(ctx, c.Who.Actor, wish)
	if err != nil {
		return Block{}, err
	}
	return blockOf(v), nil
}

func (a *API) unblock(ctx context.Context, c *Caller, req *BlockPath) error {
	return a.Release(ctx, c, req, false)
}

func (a *API) unmute(ctx context.Context, c *Caller, req *BlockPath) error {
	return a.Release(ctx, c, req, true)
}

// Release takes a block or mute away.
func (a *API) Release(ctx context.Context, c *Caller, path *BlockPath, mute bool) error {
	wish, err := a.wish(ctx, c, *path, mute)
	if err != nil {
		return err
	}
	return a.Blocks.Drop(ctx, c.Who.Actor, wish)
}

type muteWordsRequest struct {
	Body MutedWords
}

// MutedWords are words that the caller does not want to read.
type MutedWords struct {
	Words  string     `json:"words" doc:"A word or phrase, at most 100 characters, found without regard to case. It is taken as it stands: nothing in it is special."`
	Whole  bool       `json:"whole,omitempty" doc:"Not within longer words."`
	Places []string   `json:"places" nullable:"false" enum:"feeds,threads,notifications,messages" doc:"Where they are looked for. In feeds, and in what is found, what holds them is left out; in threads and messages it is closed until the caller opens it."`
	Until  *time.Time `json:"until,omitempty" doc:"When it ends by itself. Leave it out for good."`
	Note   string     `json:"note,omitempty" doc:"To oneself, at most 200 characters."`
}

func (m MutedWords) words() blocks.Words {
	return blocks.Words{Words: m.Words, Whole: m.Whole, Places: placesIn(m.Places), Until: timeOf(m.Until), Note: m.Note}
}

func mutedOf(b *community.Block, err error) (Block, error) {
	if err != nil {
		return Block{}, err
	}
	return blockOf(&community.BlockView{Block: b}), nil
}

func (a *API) muteWords(ctx context.Context, c *Caller, req *muteWordsRequest) (Block, error) {
	return mutedOf(a.Blocks.MuteWords(ctx, c.Who.Actor, req.Body.words()))
}

// MuteWords is for the page without JavaScript.
func (a *API) MuteWords(ctx context.Context, c *Caller, words MutedWords) error {
	_, err := a.muteWords(ctx, c, &muteWordsRequest{words})
	return err
}

// MutedWordsPath names words that the caller mutes.
type MutedWordsPath struct {
	ID int64 `path:"id"`
}

type editMutedWordsRequest struct {
	MutedWordsPath
	Body MutedWords
}

func (a *API) editMutedWords(ctx context.Context, c *Caller, req *editMutedWordsRequest) (Block, error) {
	return mutedOf(a.Blocks.EditWords(ctx, c.Who.Actor, community.BlockID(req.ID), req.Body.words()))
}

// UnmuteWords takes muted words away.
func (a *API) UnmuteWords(ctx context.Context, c *Caller, req *MutedWordsPath) error {
	return a.Blocks.DropWords(ctx, c.Who.Actor, community.BlockID(req.ID))
}

// standing is how the caller keeps a person or group away.
func (a *API) standing(ctx context.Context, c *Caller, target *community.Actor) (blocked, muted bool, err error) {
	b, err := a.Blocks.Of(ctx, c.Reader(), target)
	if err != nil || b == nil {
		return false, false, err
	}
	return !b.Mute, b.Mute, nil
}
