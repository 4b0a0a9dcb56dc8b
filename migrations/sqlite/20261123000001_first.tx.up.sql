-- Everybody and everything with a name in the fediverse, ours and others'.
CREATE TABLE actors (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	kind TEXT NOT NULL,
	name TEXT NOT NULL,
	fold TEXT NOT NULL,
	host TEXT NOT NULL DEFAULT '',
	iri TEXT NOT NULL UNIQUE,
	title TEXT NOT NULL DEFAULT '',
	summary TEXT NOT NULL DEFAULT '',
	summary_html TEXT NOT NULL DEFAULT '',
	icon TEXT NOT NULL DEFAULT '',
	image TEXT NOT NULL DEFAULT '',
	url TEXT NOT NULL DEFAULT '',
	peer_id INTEGER,
	inbox TEXT NOT NULL DEFAULT '',
	shared_inbox TEXT NOT NULL DEFAULT '',
	outbox TEXT NOT NULL DEFAULT '',
	followers TEXT NOT NULL DEFAULT '',
	featured TEXT NOT NULL DEFAULT '',
	moderators TEXT NOT NULL DEFAULT '',
	key_id TEXT NOT NULL DEFAULT '',
	public_key TEXT NOT NULL DEFAULT '',
	locked BOOLEAN NOT NULL DEFAULT FALSE,
	restricted BOOLEAN NOT NULL DEFAULT FALSE,
	sensitive BOOLEAN NOT NULL DEFAULT FALSE,
	discoverable BOOLEAN NOT NULL DEFAULT TRUE,
	indexable BOOLEAN NOT NULL DEFAULT TRUE,
	member_count INTEGER NOT NULL DEFAULT 0,
	post_count INTEGER NOT NULL DEFAULT 0,
	comment_count INTEGER NOT NULL DEFAULT 0,
	posted INTEGER NOT NULL DEFAULT 0, -- seconds from 2020 to the newest post in a group
	created_at TIMESTAMP NOT NULL,
	updated_at TIMESTAMP NOT NULL,
	fetched_at TIMESTAMP,
	deleted_at TIMESTAMP
);
-- One namespace for our people, groups and the instance; names are never recycled.
CREATE UNIQUE INDEX actors_local_name ON actors (fold) WHERE host = '';
-- Finds name@host; two actors of one remote host may share a name.
CREATE INDEX actors_handle ON actors (host, fold);
-- Finds the owner of a key that signed a request.
CREATE INDEX actors_key ON actors (key_id) WHERE key_id <> '';
-- The followers on one server, whose inboxes a delivery goes to.
CREATE INDEX actors_peer ON actors (peer_id) WHERE peer_id IS NOT NULL;
-- Lists groups by size, and by how lively they are.
CREATE INDEX actors_groups ON actors (member_count DESC, id DESC) WHERE kind = 'group' AND deleted_at IS NULL;
CREATE INDEX actors_lively ON actors (posted DESC, id DESC) WHERE kind = 'group' AND deleted_at IS NULL;

-- Private keys of local actors, apart so that no listing carries one.
CREATE TABLE keys (
	actor_id INTEGER PRIMARY KEY REFERENCES actors (id),
	private_key TEXT NOT NULL
);

CREATE TABLE accounts (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	actor_id INTEGER NOT NULL UNIQUE REFERENCES actors (id),
	email TEXT NOT NULL DEFAULT '',
	password_hash TEXT NOT NULL DEFAULT '',
	admin BOOLEAN NOT NULL DEFAULT FALSE,
	created_at TIMESTAMP NOT NULL,
	read_up_to INTEGER NOT NULL DEFAULT 0
);

CREATE TABLE sessions (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	account_id INTEGER NOT NULL REFERENCES accounts (id),
	kind TEXT NOT NULL,
	name TEXT NOT NULL DEFAULT '',
	hash BLOB NOT NULL UNIQUE,
	created_at TIMESTAMP NOT NULL,
	last_used_at TIMESTAMP,
	expires_at TIMESTAMP
);
CREATE INDEX sessions_account ON sessions (account_id, kind, id);

CREATE TABLE passkeys (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	account_id INTEGER NOT NULL REFERENCES accounts (id),
	credential_id BLOB NOT NULL UNIQUE,
	name TEXT NOT NULL DEFAULT '',
	credential BLOB NOT NULL,
	created_at TIMESTAMP NOT NULL,
	last_used_at TIMESTAMP
);
CREATE INDEX passkeys_account ON passkeys (account_id, id);

CREATE TABLE ceremonies (
	hash BLOB PRIMARY KEY,
	kind TEXT NOT NULL,
	account_id INTEGER,
	name TEXT NOT NULL DEFAULT '',
	data BLOB NOT NULL,
	expires_at TIMESTAMP NOT NULL
);

-- What each actor is to each group.
CREATE TABLE memberships (
	group_id INTEGER NOT NULL REFERENCES actors (id),
	actor_id INTEGER NOT NULL REFERENCES actors (id),
	role TEXT NOT NULL DEFAULT 'member',
	state TEXT NOT NULL,
	follow_iri TEXT NOT NULL DEFAULT '',
	banned_until TIMESTAMP,
	created_at TIMESTAMP NOT NULL,
	PRIMARY KEY (group_id, actor_id)
);
-- Lists the groups of one person: the home feed starts here.
CREATE INDEX memberships_actor ON memberships (actor_id, group_id) WHERE state = 'accepted';
-- Lists a group's moderators.
CREATE INDEX memberships_moderators ON memberships (group_id, actor_id) WHERE role <> 'member';

-- People following people.
CREATE TABLE follows (
	follower_id INTEGER NOT NULL REFERENCES actors (id),
	target_id INTEGER NOT NULL REFERENCES actors (id),
	state TEXT NOT NULL,
	iri TEXT NOT NULL DEFAULT '',
	created_at TIMESTAMP NOT NULL,
	PRIMARY KEY (target_id, follower_id)
);

-- Other servers, and how far deliveries to each have come.
CREATE TABLE peers (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	host TEXT NOT NULL UNIQUE,
	software TEXT NOT NULL DEFAULT '',
	version TEXT NOT NULL DEFAULT '',
	checked_at TIMESTAMP,
	position INTEGER NOT NULL DEFAULT 0,
	fails INTEGER NOT NULL DEFAULT 0,
	failing_since TIMESTAMP,
	next_attempt_at TIMESTAMP,
	last_error TEXT NOT NULL DEFAULT '',
	delivered_at TIMESTAMP,
	received_at TIMESTAMP,
	leased_by TEXT NOT NULL DEFAULT '',
	leased_until TIMESTAMP,
	created_at TIMESTAMP NOT NULL
);

-- Which servers follow an actor, and since which activity: what delivery reads
-- instead of every follower.
CREATE TABLE audiences (
	actor_id INTEGER NOT NULL REFERENCES actors (id),
	peer_id INTEGER NOT NULL REFERENCES peers (id),
	followers INTEGER NOT NULL,
	since INTEGER NOT NULL,
	PRIMARY KEY (actor_id, peer_id)
);
CREATE INDEX audiences_peer ON audiences (peer_id, actor_id);

-- The log of what we say to the fediverse.
CREATE TABLE activities (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	iri TEXT NOT NULL UNIQUE,
	actor_id INTEGER NOT NULL REFERENCES actors (id),
	kind TEXT NOT NULL,
	body BLOB NOT NULL,
	public BOOLEAN NOT NULL,
	audience INTEGER,
	form INTEGER NOT NULL DEFAULT 0,
	peer_id INTEGER,
	inbox TEXT NOT NULL DEFAULT '',
	lane INTEGER NOT NULL DEFAULT 0,
	created_at TIMESTAMP NOT NULL
);
-- Deliveries to followers, from a peer's position on.
CREATE INDEX activities_audience ON activities (audience, id) WHERE audience IS NOT NULL;
-- Deliveries to one server.
CREATE INDEX activities_peer ON activities (peer_id, id) WHERE peer_id IS NOT NULL;
-- An actor's outbox.
CREATE INDEX activities_actor ON activities (actor_id, kind, id DESC) WHERE public;

CREATE TABLE posts (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	iri TEXT NOT NULL UNIQUE,
	group_id INTEGER NOT NULL REFERENCES actors (id),
	author_id INTEGER NOT NULL REFERENCES actors (id),
	kind TEXT NOT NULL,
	title TEXT NOT NULL,
	body TEXT NOT NULL DEFAULT '',
	html TEXT NOT NULL DEFAULT '',
	link TEXT NOT NULL DEFAULT '',
	url TEXT NOT NULL DEFAULT '',
	language TEXT NOT NULL DEFAULT '',
	sensitive BOOLEAN NOT NULL DEFAULT FALSE,
	local BOOLEAN NOT NULL,
	ups INTEGER NOT NULL DEFAULT 0,
	downs INTEGER NOT NULL DEFAULT 0,
	score INTEGER NOT NULL DEFAULT 0,
	comment_count INTEGER NOT NULL DEFAULT 0,
	born REAL NOT NULL,
	stirred REAL NOT NULL,
	hot_group REAL NOT NULL,
	hot_all REAL NOT NULL,
	active REAL NOT NULL,
	raw BLOB,
	created_at TIMESTAMP NOT NULL,
	arrived_at TIMESTAMP NOT NULL,
	edited_at TIMESTAMP,
	deleted_at TIMESTAMP,
	removed_at TIMESTAMP,
	removed_by INTEGER,
	removed_reason TEXT NOT NULL DEFAULT '',
	locked_at TIMESTAMP,
	featured_at TIMESTAMP
);
-- A group's page by each order; home feeds take heads from the same indexes.
CREATE INDEX posts_group_hot ON posts (group_id, hot_group DESC, id DESC) WHERE deleted_at IS NULL AND removed_at IS NULL;
CREATE INDEX posts_group_new ON posts (group_id, born DESC, id DESC) WHERE deleted_at IS NULL AND removed_at IS NULL;
CREATE INDEX posts_group_top ON posts (group_id, score DESC, id DESC) WHERE deleted_at IS NULL AND removed_at IS NULL;
CREATE INDEX posts_group_active ON posts (group_id, active DESC, id DESC) WHERE deleted_at IS NULL AND removed_at IS NULL;
-- Everything, by each order.
CREATE INDEX posts_hot ON posts (hot_all DESC, id DESC) WHERE deleted_at IS NULL AND removed_at IS NULL;
CREATE INDEX posts_new ON posts (born DESC, id DESC) WHERE deleted_at IS NULL AND removed_at IS NULL;
CREATE INDEX posts_top ON posts (score DESC, id DESC) WHERE deleted_at IS NULL AND removed_at IS NULL;
CREATE INDEX posts_active ON posts (active DESC, id DESC) WHERE deleted_at IS NULL AND removed_at IS NULL;
-- Our groups' posts, in the order people read them most.
CREATE INDEX posts_local_hot ON posts (hot_all DESC, id DESC) WHERE local AND deleted_at IS NULL AND removed_at IS NULL;
CREATE INDEX posts_local_new ON posts (born DESC, id DESC) WHERE local AND deleted_at IS NULL AND removed_at IS NULL;
-- A person's page.
CREATE INDEX posts_author ON posts (author_id, id DESC);
-- What a group's moderators put on top.
CREATE INDEX posts_featured ON posts (group_id, id) WHERE featured_at IS NOT NULL;

CREATE TABLE comments (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	iri TEXT NOT NULL UNIQUE,
	post_id INTEGER NOT NULL REFERENCES posts (id),
	parent_id INTEGER,
	top_id INTEGER,
	depth INTEGER NOT NULL,
	path BLOB NOT NULL,
	author_id INTEGER NOT NULL REFERENCES actors (id),
	group_id INTEGER NOT NULL REFERENCES actors (id),
	body TEXT NOT NULL DEFAULT '',
	html TEXT NOT NULL DEFAULT '',
	url TEXT NOT NULL DEFAULT '',
	language TEXT NOT NULL DEFAULT '',
	ups INTEGER NOT NULL DEFAULT 0,
	downs INTEGER NOT NULL DEFAULT 0,
	score INTEGER NOT NULL DEFAULT 0,
	reply_count INTEGER NOT NULL DEFAULT 0,
	born REAL NOT NULL,
	hot REAL NOT NULL,
	raw BLOB,
	created_at TIMESTAMP NOT NULL,
	arrived_at TIMESTAMP NOT NULL,
	edited_at TIMESTAMP,
	deleted_at TIMESTAMP,
	removed_at TIMESTAMP,
	removed_by INTEGER,
	removed_reason TEXT NOT NULL DEFAULT ''
);
-- The tops of a thread by each order.
CREATE INDEX comments_tops_hot ON comments (post_id, hot DESC, id DESC) WHERE depth = 0;
CREATE INDEX comments_tops_score ON comments (post_id, score DESC, id DESC) WHERE depth = 0;
CREATE INDEX comments_tops_born ON comments (post_id, born, id) WHERE depth = 0;
-- What hangs below a top, depth first.
CREATE INDEX comments_below ON comments (top_id, path);
CREATE INDEX comments_author ON comments (author_id, id DESC);

CREATE TABLE votes (
	kind INTEGER NOT NULL,
	subject_id INTEGER NOT NULL,
	actor_id INTEGER NOT NULL,
	value INTEGER NOT NULL,
	iri TEXT NOT NULL DEFAULT '',
	created_at TIMESTAMP NOT NULL,
	PRIMARY KEY (kind, subject_id, actor_id)
);

-- Changes of counters, appended by whoever causes them and folded into the
-- rows that they count every second, so that nobody waits for a hot row.
CREATE TABLE deltas (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	kind INTEGER NOT NULL,
	subject_id INTEGER NOT NULL,
	field INTEGER NOT NULL,
	amount INTEGER NOT NULL
);
CREATE INDEX deltas_subject ON deltas (kind, subject_id);

-- What became true, in the transaction that made it true. Rows get their
-- place (seq) after they are committed: identity values are handed out before
-- the commit, and a reader that trusted them would skip the slow.
CREATE TABLE facts (
	row_id INTEGER PRIMARY KEY AUTOINCREMENT,
	id INTEGER,
	kind TEXT NOT NULL,
	actor_id INTEGER NOT NULL,
	group_id INTEGER,
	post_id INTEGER,
	comment_id INTEGER,
	value INTEGER NOT NULL DEFAULT 0,
	previous INTEGER NOT NULL DEFAULT 0,
	iri TEXT NOT NULL DEFAULT '',
	reason TEXT NOT NULL DEFAULT '',
	raw BLOB,
	at TIMESTAMP NOT NULL
);
CREATE UNIQUE INDEX facts_order ON facts (id) WHERE id IS NOT NULL;
CREATE INDEX facts_new ON facts (row_id) WHERE id IS NULL;

-- How far each reader of facts has come, and who reads for it now.
CREATE TABLE cursors (
	name TEXT PRIMARY KEY,
	position INTEGER NOT NULL DEFAULT 0,
	leased_by TEXT NOT NULL DEFAULT '',
	leased_until TIMESTAMP
);

-- Durable work. Done rows with a key stay for a while: they are what makes a
-- repeated activity a repetition.
CREATE TABLE jobs (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	kind TEXT NOT NULL,
	key BLOB,
	lane INTEGER NOT NULL DEFAULT 0,
	sender TEXT NOT NULL DEFAULT '',
	body BLOB,
	attempts INTEGER NOT NULL DEFAULT 0,
	run_at TIMESTAMP NOT NULL,
	created_at TIMESTAMP NOT NULL,
	done_at TIMESTAMP,
	parked_at TIMESTAMP,
	error TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX jobs_key ON jobs (kind, key) WHERE key IS NOT NULL;
CREATE INDEX jobs_ready ON jobs (lane, id) WHERE done_at IS NULL AND parked_at IS NULL;
CREATE INDEX jobs_done ON jobs (done_at) WHERE done_at IS NOT NULL;

CREATE TABLE notifications (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	account_id INTEGER NOT NULL REFERENCES accounts (id),
	kind TEXT NOT NULL,
	actor_id INTEGER NOT NULL,
	post_id INTEGER,
	comment_id INTEGER,
	created_at TIMESTAMP NOT NULL
);
CREATE INDEX notifications_account ON notifications (account_id, id DESC);

-- Search. The triggers keep the index beside the rows that it describes.
CREATE VIRTUAL TABLE posts_search USING fts5 (title, body, content='posts', content_rowid='id', tokenize='unicode61 remove_diacritics 2');
CREATE TRIGGER posts_search_add AFTER INSERT ON posts BEGIN
	INSERT INTO posts_search (rowid, title, body) VALUES (new.id, new.title, new.body);
END;
CREATE TRIGGER posts_search_change AFTER UPDATE OF title, body ON posts BEGIN
	INSERT INTO posts_search (posts_search, rowid, title, body) VALUES ('delete', old.id, old.title, old.body);
	INSERT INTO posts_search (rowid, title, body) VALUES (new.id, new.title, new.body);
END;
CREATE VIRTUAL TABLE comments_search USING fts5 (body, content='comments', content_rowid='id', tokenize='unicode61 remove_diacritics 2');
CREATE TRIGGER comments_search_add AFTER INSERT ON comments BEGIN
	INSERT INTO comments_search (rowid, body) VALUES (new.id, new.body);
END;
CREATE TRIGGER comments_search_change AFTER UPDATE OF body ON comments BEGIN
	INSERT INTO comments_search (comments_search, rowid, body) VALUES ('delete', old.id, old.body);
	INSERT INTO comments_search (rowid, body) VALUES (new.id, new.body);
END;
