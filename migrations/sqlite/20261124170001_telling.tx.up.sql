-- What was told where, what of it was seen by itself, and what is told together.
ALTER TABLE notifications ADD COLUMN shown BOOLEAN NOT NULL DEFAULT TRUE;
ALTER TABLE notifications ADD COLUMN seen BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE notifications ADD COLUMN push BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE notifications ADD COLUMN mail TEXT NOT NULL DEFAULT 'off';
ALTER TABLE notifications ADD COLUMN bundle TEXT NOT NULL DEFAULT '';
ALTER TABLE notifications ADD COLUMN many INTEGER NOT NULL DEFAULT 0;
CREATE INDEX notifications_bundle ON notifications (account_id, bundle, id) WHERE bundle <> '';
CREATE INDEX notifications_unseen ON notifications (account_id, id) WHERE shown AND NOT seen;
CREATE INDEX notifications_mail ON notifications (account_id, id) WHERE mail <> 'off';
CREATE INDEX notifications_push ON notifications (account_id, id) WHERE push;

-- The ways that somebody chose for a topic, where these are not the usual ones.
CREATE TABLE notice_choices (
	account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
	topic TEXT NOT NULL,
	page BOOLEAN NOT NULL,
	push BOOLEAN NOT NULL,
	mail TEXT NOT NULL,
	PRIMARY KEY (account_id, topic)
);

-- How much somebody wants to hear of a thread or group, where that is not what
-- is usual.
CREATE TABLE post_watches (
	post_id INTEGER NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
	account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
	level TEXT NOT NULL,
	PRIMARY KEY (post_id, account_id)
);
CREATE INDEX post_watches_account ON post_watches (account_id);
CREATE TABLE group_watches (
	group_id INTEGER NOT NULL REFERENCES actors (id) ON DELETE CASCADE,
	account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
	level TEXT NOT NULL,
	PRIMARY KEY (group_id, account_id)
);
CREATE INDEX group_watches_account ON group_watches (account_id);

-- Upvotes that nobody was told of yet: once a day is enough.
CREATE TABLE vote_tallies (
	account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
	post_id INTEGER NOT NULL,
	comment_id INTEGER NOT NULL,
	many INTEGER NOT NULL,
	since TIMESTAMP NOT NULL,
	PRIMARY KEY (account_id, post_id, comment_id)
);
CREATE INDEX vote_tallies_since ON vote_tallies (since);

-- How far letters and what rings have come for somebody, and when they get the
-- letter of the day.
CREATE TABLE tellings (
	account_id INTEGER PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
	mailed INTEGER NOT NULL DEFAULT 0,
	digested INTEGER NOT NULL DEFAULT 0,
	pushed INTEGER NOT NULL DEFAULT 0,
	digest_at TIMESTAMP
);
CREATE INDEX tellings_due ON tellings (digest_at) WHERE digest_at IS NOT NULL;

-- Browsers that ring when somebody is told something, each as long as its
-- session.
CREATE TABLE push_subscriptions (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
	session_id INTEGER NOT NULL UNIQUE REFERENCES sessions (id) ON DELETE CASCADE,
	endpoint TEXT NOT NULL,
	p256dh BLOB NOT NULL,
	auth BLOB NOT NULL,
	created_at TIMESTAMP NOT NULL
);
CREATE INDEX push_subscriptions_account ON push_subscriptions (account_id);

-- Keys that this server made for itself.
CREATE TABLE secrets (
	name TEXT PRIMARY KEY,
	value BLOB NOT NULL
);
