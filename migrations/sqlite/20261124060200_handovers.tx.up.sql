-- What owners of groups offer to other moderators.
CREATE TABLE handovers (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	group_id INTEGER NOT NULL REFERENCES actors (id),
	from_id INTEGER NOT NULL REFERENCES actors (id),
	to_id INTEGER NOT NULL REFERENCES actors (id),
	state TEXT NOT NULL,
	offered_at TIMESTAMP NOT NULL,
	ends_at TIMESTAMP NOT NULL,
	decided_at TIMESTAMP
);
-- A group is offered to one person at a time.
CREATE UNIQUE INDEX handovers_open ON handovers (group_id) WHERE state = 'open';

-- Who would look after a group that nobody looks after.
CREATE TABLE group_claims (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	group_id INTEGER NOT NULL REFERENCES actors (id),
	actor_id INTEGER NOT NULL REFERENCES actors (id),
	reason TEXT NOT NULL,
	state TEXT NOT NULL,
	note TEXT NOT NULL DEFAULT '',
	decided_by INTEGER REFERENCES actors (id),
	decided_at TIMESTAMP,
	created_at TIMESTAMP NOT NULL
);
-- Who claims a group twice has claimed it once.
CREATE UNIQUE INDEX group_claims_open ON group_claims (group_id, actor_id) WHERE state = 'open';
