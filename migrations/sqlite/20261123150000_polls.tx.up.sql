-- What people can choose between in a post of kind poll.
CREATE TABLE polls (
	post_id INTEGER PRIMARY KEY REFERENCES posts (id),
	multiple BOOLEAN NOT NULL,
	ours BOOLEAN NOT NULL, -- its author is of this server, which counts
	voters INTEGER NOT NULL DEFAULT 0,
	closes_at TIMESTAMP,
	ended_at TIMESTAMP, -- when its end was noticed
	told_at TIMESTAMP NOT NULL, -- when others last heard the counts
	changed_at TIMESTAMP -- when the counts changed and nobody has heard of it
);
-- Finds polls whose end is near, and those whose counts are to be told.
CREATE INDEX polls_closing ON polls (closes_at) WHERE ended_at IS NULL AND closes_at IS NOT NULL;
CREATE INDEX polls_changed ON polls (told_at) WHERE changed_at IS NOT NULL;

CREATE TABLE poll_options (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	post_id INTEGER NOT NULL REFERENCES polls (post_id),
	position INTEGER NOT NULL,
	text TEXT NOT NULL,
	votes INTEGER NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX poll_options_post ON poll_options (post_id, position);

-- Who chose what, which is told to nobody but the author's server.
CREATE TABLE poll_votes (
	post_id INTEGER NOT NULL REFERENCES polls (post_id),
	actor_id INTEGER NOT NULL REFERENCES actors (id),
	option_id INTEGER NOT NULL REFERENCES poll_options (id),
	created_at TIMESTAMP NOT NULL,
	PRIMARY KEY (post_id, actor_id, option_id)
);

-- When and where something happens, for posts of kind event.
CREATE TABLE events (
	post_id INTEGER PRIMARY KEY REFERENCES posts (id),
	starts_at TIMESTAMP NOT NULL,
	ends_at TIMESTAMP,
	place TEXT NOT NULL DEFAULT '',
	url TEXT NOT NULL DEFAULT ''
);

-- How long a film is, in seconds; and the comment that answers a question.
ALTER TABLE posts ADD COLUMN duration INTEGER NOT NULL DEFAULT 0;
ALTER TABLE posts ADD COLUMN answer_id INTEGER;
