-- What people write to each other alone.
CREATE TABLE messages (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	iri TEXT NOT NULL,
	sender_id INTEGER NOT NULL REFERENCES actors (id),
	recipient_id INTEGER NOT NULL REFERENCES actors (id),
	body TEXT NOT NULL,
	html TEXT NOT NULL,
	created_at TIMESTAMP NOT NULL,
	edited_at TIMESTAMP,
	deleted_at TIMESTAMP, -- by its sender
	read_at TIMESTAMP, -- by its recipient
	sender_dropped BOOLEAN NOT NULL DEFAULT FALSE, -- who dropped it sees it no more
	recipient_dropped BOOLEAN NOT NULL DEFAULT FALSE
);
-- One message from elsewhere can be to several people here.
CREATE UNIQUE INDEX messages_iri ON messages (iri, recipient_id) WHERE iri <> '';
-- Conversations, from either side.
CREATE INDEX messages_sent ON messages (sender_id, recipient_id, id);
CREATE INDEX messages_received ON messages (recipient_id, sender_id, id);
CREATE INDEX messages_unread ON messages (recipient_id) WHERE read_at IS NULL;
CREATE INDEX messages_deleted ON messages (deleted_at) WHERE deleted_at IS NOT NULL;

-- Whom a group told that it refused what they wrote: once for each thing.
CREATE TABLE refusals (
	iri TEXT PRIMARY KEY,
	author_id INTEGER NOT NULL REFERENCES actors (id),
	group_id INTEGER NOT NULL REFERENCES actors (id),
	created_at TIMESTAMP NOT NULL
);
CREATE INDEX refusals_author ON refusals (author_id, created_at);

-- Who may write to a person: '' everybody, 'known', 'nobody'; and whether a
-- group shows answers to microblogs too.
ALTER TABLE actors ADD COLUMN messages_from TEXT NOT NULL DEFAULT '';
ALTER TABLE actors ADD COLUMN boosts_answers BOOLEAN NOT NULL DEFAULT FALSE;
