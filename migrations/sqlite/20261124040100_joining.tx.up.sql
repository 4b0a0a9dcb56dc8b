-- What administrators settle about the server, by name, as JSON; and secrets
-- that all its processes share.
CREATE TABLE settings (
	name TEXT PRIMARY KEY,
	value TEXT NOT NULL,
	updated_at TIMESTAMP NOT NULL
);

-- What people say who want to come here. Their actor is an applicant until
-- somebody accepts them.
CREATE TABLE admissions (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	actor_id INTEGER NOT NULL UNIQUE REFERENCES actors (id),
	state TEXT NOT NULL,
	answers TEXT NOT NULL,
	unproven BOOLEAN NOT NULL DEFAULT FALSE,
	question TEXT NOT NULL DEFAULT '',
	reply TEXT NOT NULL DEFAULT '',
	reason TEXT NOT NULL DEFAULT '',
	decided_by INTEGER,
	decided_at TIMESTAMP,
	created_at TIMESTAMP NOT NULL
);
-- Lists what waits, and finds what is to be forgotten.
CREATE INDEX admissions_state ON admissions (state, id);
CREATE INDEX admissions_decided ON admissions (decided_at) WHERE decided_at IS NOT NULL;

-- Only a hash of an invitation's code is kept.
CREATE TABLE invites (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	hash BLOB NOT NULL UNIQUE,
	creator_id INTEGER NOT NULL REFERENCES actors (id),
	group_id INTEGER REFERENCES actors (id),
	note TEXT NOT NULL DEFAULT '',
	uses INTEGER NOT NULL,
	used INTEGER NOT NULL DEFAULT 0,
	created_at TIMESTAMP NOT NULL,
	expires_at TIMESTAMP NOT NULL,
	revoked_at TIMESTAMP
);
CREATE INDEX invites_creator ON invites (creator_id, id);

-- Who came by which invitation.
CREATE TABLE introductions (
	actor_id INTEGER PRIMARY KEY REFERENCES actors (id),
	invite_id INTEGER NOT NULL REFERENCES invites (id),
	created_at TIMESTAMP NOT NULL
);
CREATE INDEX introductions_invite ON introductions (invite_id);

-- Accounts that were made in the last day, for limits: keyed hashes of where
-- from, which say nothing to anybody else.
CREATE TABLE arrivals (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	address BLOB NOT NULL,
	network BLOB NOT NULL,
	at TIMESTAMP NOT NULL
);
CREATE INDEX arrivals_network ON arrivals (network, at);
CREATE INDEX arrivals_at ON arrivals (at);

-- What was said at the door, while a passkey is made.
ALTER TABLE ceremonies ADD COLUMN ask BLOB;
