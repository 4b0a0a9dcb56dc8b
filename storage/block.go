package storage

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"drystone/community"
	"drystone/fault"
)

// lasting is the condition on a block that has not ended by itself.
const lasting = "(b.until IS NULL OR b.until > ?)"

// standing is lasting where blocks are read whole.
const standing = "(until IS NULL OR until > ?)"

// SaveBlock stores a block, in the place of one of the same thing, and sets its
// id.
func (db *DB) SaveBlock(ctx context.Context, b *community.Block) (err error) {
	defer db.wrap(&err, "SaveBlock(%d, %s)", b.OwnerID, b.Kind)
	_, err = db.write.NewInsert().Model(b).On("CONFLICT (owner_id, kind, target_id, host, folded) DO UPDATE").
		Set("mute = EXCLUDED.mute, words = EXCLUDED.words, whole = EXCLUDED.whole, places = EXCLUDED.places").
		Set("note = EXCLUDED.note, told = EXCLUDED.told, iri = EXCLUDED.iri, until = EXCLUDED.until").
		Returning("id").Exec(ctx)
	return err
}

// EditBlock stores what its owner changed about a block.
func (db *DB) EditBlock(ctx context.Context, b *community.Block) (err error) {
	defer db.wrap(&err, "EditBlock(%d)", b.ID)
	_, err = db.write.NewUpdate().Model(b).WherePK().Column("words", "folded", "whole", "places", "note", "until").Exec(ctx)
	return err
}

// Block returns the block with id.
func (db *DB) Block(ctx context.Context, id community.BlockID) (_ *community.Block, err error) {
	defer db.wrap(&err, "Block(%d)", id)
	b := &community.Block{ID: id}
	if err := db.read.NewSelect().Model(b).WherePK().Scan(ctx); err != nil {
		return nil, err
	}
	return b, nil
}

// BlockOf returns how an owner keeps a person, group or server away, nil if
// they do not.
func (db *DB) BlockOf(ctx context.Context, owner community.ActorID, kind community.BlockKind, target community.ActorID, host string) (_ *community.Block, err error) {
	defer db.wrap(&err, "BlockOf(%d, %s)", owner, kind)
	b := new(community.Block)
	err = db.read.NewSelect().Model(b).
		Where("owner_id = ? AND kind = ? AND target_id = ? AND host = ? AND folded = ''", owner, kind, target, host).Scan(ctx)
	if err = db.classify(err); fault.Is(err, fault.NotFound) {
		return nil, nil
	}
	return b, err
}

// HoldBlocks makes other transactions that change what somebody keeps away
// wait for the end of this one.
func (db *DB) HoldBlocks(ctx context.Context, owner community.ActorID) (err error) {
	defer db.wrap(&err, "HoldBlocks(%d)", owner)
	return db.hold(ctx, "blocks:%d", owner)
}

// CountBlocks counts what somebody keeps away: words, or all else.
func (db *DB) CountBlocks(ctx context.Context, owner community.ActorID, words bool) (_ int, err error) {
	defer db.wrap(&err, "CountBlocks(%d)", owner)
	is := "<>"
	if words {
		is = "="
	}
	n, err := db.read.NewSelect().Model((*community.Block)(nil)).Where("owner_id = ? AND kind "+is+" ?", owner, community.BlockWords).Count(ctx)
	return int(n), err
}

// DropBlock takes a block away.
func (db *DB) DropBlock(ctx context.Context, id community.BlockID) (err error) {
	defer db.wrap(&err, "DropBlock(%d)", id)
	_, err = db.write.NewDelete().Model(&community.Block{ID: id}).WherePK().Exec(ctx)
	return err
}

// DropBlocksOf takes away all that somebody keeps away.
func (db *DB) DropBlocksOf(ctx context.Context, owner community.ActorID) (err error) {
	defer db.wrap(&err, "DropBlocksOf(%d)", owner)
	_, err = db.write.NewDelete().Model((*community.Block)(nil)).Where("owner_id = ?", owner).Exec(ctx)
	return err
}

// BlocksOver lists up to most blocks that ended by themselves.
func (db *DB) BlocksOver(ctx context.Context, now time.Time, most int) (_ []*community.Block, err error) {
	defer db.wrap(&err, "BlocksOver")
	var list []*community.Block
	err = db.read.NewSelect().Model(&list).Where("until IS NOT NULL AND until <= ?", now).OrderExpr("until, id").Limit(int64(most)).Scan(ctx)
	return list, err
}

// A BlockQuery says which of somebody's blocks are wanted.
type BlockQuery struct {
	Owner community.ActorID
	Mute  bool
	Kind  community.BlockKind // empty: all
	Now   time.Time
	community.Page
}

// Blocks lists what somebody keeps away, newest first, and returns the cursor
// of the next page.
func (db *DB) Blocks(ctx context.Context, query BlockQuery) (_ []*community.BlockView, next string, err error) {
	defer db.wrap(&err, "Blocks(%d)", query.Owner)
	var list []*community.Block
	q := db.read.NewSelect().Model(&list).
		Where("owner_id = ? AND mute = ? AND "+standing, query.Owner, query.Mute, query.Now)
	if query.Kind != "" {
		q = q.Where("kind = ?", query.Kind)
	}
	if next, err = newest(ctx, q, &list, "id", query.Page, func(b *community.Block) int64 { return int64(b.ID) }); err != nil {
		return nil, "", err
	}
	views, err := db.blockViews(ctx, list)
	return views, next, err
}

// AllBlocks lists everything that somebody keeps away, oldest first, for who
// takes it elsewhere.
func (db *DB) AllBlocks(ctx context.Context, owner community.ActorID, now time.Time) (_ []*community.BlockView, err error) {
	defer db.wrap(&err, "AllBlocks(%d)", owner)
	var list []*community.Block
	err = db.read.NewSelect().Model(&list).
		Where("owner_id = ? AND "+standing, owner, now).OrderExpr("id").Scan(ctx)
	if err != nil {
		return nil, err
	}
	return db.blockViews(ctx, list)
}

func (db *DB) blockViews(ctx context.Context, list []*community.Block) ([]*community.BlockView, error) {
	ids := make([]community.ActorID, 0, len(list))
	for _, b := range list {
		if b.TargetID != 0 {
			ids = append(ids, b.TargetID)
		}
	}
	actors, err := db.Actors(ctx, unique(ids))
	views := make([]*community.BlockView, len(list))
	for i, b := range list {
		views[i] = &community.BlockView{Block: b, Target: actors[b.TargetID]}
	}
	return views, err
}

// Between returns what stands between two people: who acts and the other. The
// other may also block the whole server of who acts.
func (db *DB) Between(ctx context.Context, acts, other *community.Actor, now time.Time) (_ community.Between, err error) {
	defer db.wrap(&err, "Between(%d, %d)", acts.ID, other.ID)
	var owners []community.ActorID
	q := db.read.NewSelect().TableExpr("blocks AS b").ColumnExpr("b.owner_id").Where("NOT b.mute AND "+lasting, now)
	q = q.WhereGroup(" AND ", func(q *bun.SelectQuery) *bun.SelectQuery {
		q = q.Where("b.owner_id = ? AND b.kind = 'person' AND b.target_id = ?", acts.ID, other.ID).
			WhereOr("b.owner_id = ? AND b.kind = 'person' AND b.target_id = ?", other.ID, acts.ID)
		if acts.Host != "" {
			q = q.WhereOr("b.owner_id = ? AND b.kind = 'server' AND b.host = ?", other.ID, acts.Host)
		}
		return q
	})
	if err := q.Scan(ctx, &owners); err != nil {
		return community.Between{}, err
	}
	var between community.Between
	for _, owner := range owners {
		between.Mine = between.Mine || owner == acts.ID
		between.Theirs = between.Theirs || owner == other.ID
	}
	return between, nil
}

// Sight returns what a reader keeps away, as far as lists need to know; nil
// for nobody in particular.
func (db *DB) Sight(ctx context.Context, viewer community.ActorID, now time.Time) (_ *community.Sight, err error) {
	defer db.wrap(&err, "Sight(%d)", viewer)
	if viewer == 0 {
		return nil, nil
	}
	const some = "SELECT ? AS kind, '' AS folded, FALSE AS whole, 0 AS places WHERE EXISTS (SELECT 1 FROM blocks AS b WHERE b.owner_id = ? AND b.kind = ? AND " + lasting + ") UNION ALL "
	var list []*community.Block
	var args []any
	query := ""
	for _, kind := range []community.BlockKind{community.BlockPerson, community.BlockGroup, community.BlockServer} {
		query, args = query+some, append(args, kind, viewer, kind, now)
	}
	query += "SELECT 'shunned', '', FALSE, 0 WHERE EXISTS (SELECT 1 FROM blocks AS b WHERE b.target_id = ? AND b.kind = 'person' AND NOT b.mute AND " + lasting + ")" +
		" UNION ALL SELECT b.kind, b.folded, b.whole, b.places FROM blocks AS b WHERE b.owner_id = ? AND b.kind = 'words' AND " + lasting
	args = append(args, viewer, now, viewer, now)
	if err := db.read.NewRaw(query, args...).Scan(ctx, &list); err != nil {
		return nil, err
	}
	s := &community.Sight{Viewer: viewer, At: now}
	for _, b := range list {
		switch b.Kind {
		case community.BlockPerson:
			s.People = true
		case community.BlockGroup:
			s.Groups = true
		case community.BlockServer:
			s.Servers = true
		case community.BlockWords:
			s.Words = append(s.Words, b)
		default:
			s.Shunned = true
		}
	}
	return s, nil
}

// How far a list keeps things away: who opens what they keep away means to see
// it.
type away int

const (
	fromLists  away = iota // what the reader did not ask for by name
	fromGroup              // the posts of one group
	fromAuthor             // what one person wrote
)

// sighted is the condition on rows by an author, in a group, that a reader does
// not keep away; empty if there is nothing to leave out, so that who keeps
// nothing away is asked nothing. Blocks are few and looked for by the rows of
// an index, so a feed stays a walk along its own.
func sighted(s *community.Sight, author, group string, how away) (where string, args []any) {
	if s == nil {
		return "", nil
	}
	add := func(condition string, values ...any) {
		where += " AND " + condition
		args = append(append(args, values...), s.At)
	}
	if s.Shunned {
		add("NOT EXISTS (SELECT 1 FROM blocks AS b WHERE b.target_id = ? AND b.owner_id = "+author+" AND b.kind = 'person' AND NOT b.mute AND "+lasting+")", s.Viewer)
	}
	if how == fromAuthor {
		return where, args
	}
	if s.People {
		add("NOT EXISTS (SELECT 1 FROM blocks AS b WHERE b.owner_id = ? AND b.kind = 'person' AND b.target_id = "+author+" AND "+lasting+")", s.Viewer)
	}
	where, args = sightedGroups(s, group, how, where, args)
	if s.Servers {
		add("NOT EXISTS (SELECT 1 FROM actors AS h JOIN blocks AS b ON b.host = h.host WHERE h.id = "+author+
			" AND h.host <> '' AND b.owner_id = ? AND b.kind = 'server' AND "+lasting+")", s.Viewer)
	}
	return where, args
}

// sightedGroups adds the condition on groups that a reader keeps away, or whose
// servers they do.
func sightedGroups(s *community.Sight, group string, how away, where string, args []any) (string, []any) {
	if s == nil || how != fromLists {
		return where, args
	}
	if s.Groups {
		where += " AND NOT EXISTS (SELECT 1 FROM blocks AS b WHERE b.owner_id = ? AND b.kind = 'group' AND b.target_id = " + group + " AND " + lasting + ")"
		args = append(args, s.Viewer, s.At)
	}
	if s.Servers {
		where += " AND NOT EXISTS (SELECT 1 FROM actors AS h JOIN blocks AS b ON b.host = h.host WHERE h.id = " + group +
			" AND h.host <> '' AND b.owner_id = ? AND b.kind = 'server' AND " + lasting + ")"
		args = append(args, s.Viewer, s.At)
	}
	return where, args
}

// seen is sighted for a query.
func seen(q *bun.SelectQuery, s *community.Sight, author, group string, how away) *bun.SelectQuery {
	if where, args := sighted(s, author, group, how); where != "" {
		q = q.Where(where[len(" AND "):], args...)
	}
	return q
}

// veils says which of some authors stand closed before a reader, and why.
func (db *DB) veils(ctx context.Context, s *community.Sight, authors map[community.ActorID]*community.Actor) (map[community.ActorID]community.Veil, error) {
	found := map[community.ActorID]community.Veil{}
	if s.Clear() || len(authors) == 0 {
		return found, nil
	}
	ids, hosts := make([]community.ActorID, 0, len(authors)), map[string][]community.ActorID{}
	for id, a := range authors {
		if id == s.Viewer {
			continue
		}
		ids = append(ids, id)
		if a.Host != "" {
			hosts[a.Host] = append(hosts[a.Host], id)
		}
	}
	if err := db.veiledServers(ctx, s, hosts, found); err != nil {
		return nil, err
	}
	if len(ids) == 0 || !s.People && !s.Shunned {
		return found, nil
	}
	var rows []struct{ OwnerID, TargetID community.ActorID }
	err := db.read.NewRaw("SELECT b.owner_id, b.target_id FROM blocks AS b WHERE b.owner_id = ? AND b.kind = 'person' AND b.target_id IN (?) AND "+lasting+
		" UNION ALL SELECT b.owner_id, b.target_id FROM blocks AS b WHERE b.target_id = ? AND b.kind = 'person' AND NOT b.mute AND b.owner_id IN (?) AND "+lasting,
		s.Viewer, bun.List(ids), s.At, s.Viewer, bun.List(ids), s.At).Scan(ctx, &rows)
	for _, row := range rows {
		if row.OwnerID != s.Viewer {
			found[row.OwnerID] = community.VeilBlocked
		} else if found[row.TargetID] != community.VeilBlocked {
			found[row.TargetID] = community.VeilPerson
		}
	}
	return found, err
}

func (db *DB) veiledServers(ctx context.Context, s *community.Sight, hosts map[string][]community.ActorID, found map[community.ActorID]community.Veil) error {
	if !s.Servers || len(hosts) == 0 {
		return nil
	}
	names := make([]string, 0, len(hosts))
	for host := range hosts {
		names = append(names, host)
	}
	var kept []string
	err := db.read.NewSelect().TableExpr("blocks AS b").ColumnExpr("b.host").
		Where("b.owner_id = ? AND b.kind = 'server' AND b.host IN (?) AND "+lasting, s.Viewer, bun.List(names), s.At).Scan(ctx, &kept)
	for _, host := range kept {
		for _, id := range hosts[host] {
			found[id] = community.VeilServer
		}
	}
	return err
}

// Away says how owner keeps each of some people or groups away.
func (db *DB) Away(ctx context.Context, owner community.ActorID, ids []community.ActorID, now time.Time) (_ map[community.ActorID]*community.Block, err error) {
	defer db.wrap(&err, "Away(%d)", owner)
	found := map[community.ActorID]*community.Block{}
	if owner == 0 || len(ids) == 0 {
		return found, nil
	}
	var list []*community.Block
	err = db.read.NewSelect().Model(&list).
		Where("owner_id = ? AND kind IN ('person', 'group') AND target_id IN (?) AND "+standing, owner, bun.List(ids), now).Scan(ctx)
	for _, b := range list {
		found[b.TargetID] = b
	}
	return found, err
}
