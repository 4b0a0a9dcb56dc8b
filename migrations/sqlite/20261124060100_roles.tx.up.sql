-- Names that people give to what somebody may do, in a group or, without one,
-- on this server. The roles that every place has are in the program.
CREATE TABLE named_roles (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	group_id INTEGER REFERENCES actors (id),
	name TEXT NOT NULL,
	about TEXT NOT NULL,
	permits TEXT NOT NULL,
	created_by INTEGER NOT NULL REFERENCES actors (id),
	created_at TIMESTAMP NOT NULL,
	updated_at TIMESTAMP NOT NULL,
	dropped_at TIMESTAMP
);
-- The roles of one place.
CREATE INDEX named_roles_group ON named_roles (coalesce(group_id, 0), id) WHERE dropped_at IS NULL;

-- Who was given which, by whom and until when.
CREATE TABLE role_grants (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	group_id INTEGER REFERENCES actors (id),
	actor_id INTEGER NOT NULL REFERENCES actors (id),
	role_key TEXT NOT NULL,
	role_id INTEGER REFERENCES named_roles (id),
	granted_by INTEGER NOT NULL REFERENCES actors (id),
	starts_at TIMESTAMP NOT NULL,
	ends_at TIMESTAMP,
	review_at TIMESTAMP,
	reminded_at TIMESTAMP,
	note TEXT NOT NULL,
	ended_at TIMESTAMP,
	ended_by INTEGER REFERENCES actors (id),
	created_at TIMESTAMP NOT NULL
);
-- What one person was given, asked whenever they do something that not everybody may.
CREATE INDEX role_grants_actor ON role_grants (actor_id, group_id) WHERE ended_at IS NULL;
-- Who was given something in one place.
CREATE INDEX role_grants_group ON role_grants (coalesce(group_id, 0), id);
-- What ends by itself, and what is to be looked at again.
CREATE INDEX role_grants_ends ON role_grants (ends_at) WHERE ended_at IS NULL AND ends_at IS NOT NULL;
CREATE INDEX role_grants_review ON role_grants (review_at) WHERE ended_at IS NULL AND review_at IS NOT NULL AND reminded_at IS NULL;

-- Most people were given nothing; the others are marked.
ALTER TABLE memberships ADD COLUMN granted BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE accounts ADD COLUMN granted BOOLEAN NOT NULL DEFAULT FALSE;
CREATE INDEX memberships_granted ON memberships (actor_id, group_id) WHERE granted;

-- Which role a decision was about.
ALTER TABLE decisions ADD COLUMN role TEXT NOT NULL DEFAULT '';
