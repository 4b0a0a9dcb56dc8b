-- What people find wrong, and what became of it.
CREATE TABLE reports (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	iri TEXT NOT NULL,
	reporter_id INTEGER NOT NULL REFERENCES actors (id),
	group_id INTEGER REFERENCES actors (id),
	target_id INTEGER NOT NULL REFERENCES actors (id),
	post_id INTEGER REFERENCES posts (id),
	comment_id INTEGER REFERENCES comments (id),
	reason TEXT NOT NULL,
	scope TEXT NOT NULL,
	for_admins BOOLEAN NOT NULL,
	state TEXT NOT NULL,
	claimed_by INTEGER,
	claimed_at TIMESTAMP,
	handled_by INTEGER,
	handled_at TIMESTAMP,
	note TEXT NOT NULL DEFAULT '',
	told BOOLEAN NOT NULL DEFAULT FALSE,
	raw BLOB,
	created_at TIMESTAMP NOT NULL
);
-- Who says the same thing twice has said it once.
CREATE UNIQUE INDEX reports_once ON reports (reporter_id, target_id, coalesce(comment_id, 0), coalesce(post_id, 0), coalesce(group_id, 0), scope)
	WHERE state = 'open';
-- One Flag can be about several things.
CREATE INDEX reports_iri ON reports (iri);
-- What waits in a group, and for administrators: counted for every page they see.
CREATE INDEX reports_waiting ON reports (group_id, id DESC) WHERE state = 'open';
CREATE INDEX reports_admins ON reports (id DESC) WHERE state = 'open' AND for_admins;
CREATE INDEX reports_group ON reports (group_id, id DESC);
CREATE INDEX reports_reporter ON reports (reporter_id, id DESC);
-- The groups that one person moderates.
CREATE INDEX memberships_role ON memberships (actor_id, group_id) WHERE role <> 'member';

-- What moderators told people in private.
CREATE TABLE warnings (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	iri TEXT NOT NULL UNIQUE,
	group_id INTEGER REFERENCES actors (id),
	target_id INTEGER NOT NULL REFERENCES actors (id),
	by_id INTEGER NOT NULL REFERENCES actors (id),
	post_id INTEGER REFERENCES posts (id),
	comment_id INTEGER REFERENCES comments (id),
	reason TEXT NOT NULL,
	created_at TIMESTAMP NOT NULL
);
CREATE INDEX warnings_target ON warnings (target_id, id DESC);

-- Which report or warning a notification is about.
ALTER TABLE notifications ADD COLUMN item_id INTEGER;
