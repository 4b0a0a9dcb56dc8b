-- What people keep away from themselves: people, groups, servers and words.
-- Some of it is of people elsewhere, whose servers told us whom of ours they
-- block.
CREATE TABLE blocks (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	owner_id INTEGER NOT NULL REFERENCES actors (id),
	kind TEXT NOT NULL, -- person, group, server or words
	mute BOOLEAN NOT NULL, -- only the owner notices
	target_id INTEGER NOT NULL DEFAULT 0, -- the person or group
	host TEXT NOT NULL DEFAULT '', -- the server
	words TEXT NOT NULL DEFAULT '', -- as they were written
	folded TEXT NOT NULL DEFAULT '', -- and as they are compared
	whole BOOLEAN NOT NULL DEFAULT FALSE, -- not within longer words
	places INTEGER NOT NULL DEFAULT 0, -- where words are looked for, one bit each
	note TEXT NOT NULL DEFAULT '', -- to oneself
	told BOOLEAN NOT NULL DEFAULT FALSE, -- the person's server knows
	iri TEXT NOT NULL DEFAULT '', -- the Block by which the server of the owner told us
	created_at TIMESTAMP NOT NULL,
	until TIMESTAMP -- none: until it is taken away
);
CREATE UNIQUE INDEX blocks_subject ON blocks (owner_id, kind, target_id, host, folded);
-- Who keeps somebody away.
CREATE INDEX blocks_target ON blocks (target_id, owner_id) WHERE kind = 'person' AND NOT mute;
CREATE INDEX blocks_until ON blocks (until) WHERE until IS NOT NULL;
