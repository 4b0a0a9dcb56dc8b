-- Pictures, films and sounds in posts and comments: uploaded here, when they
-- have a name, or kept elsewhere. What has no post is not shown yet, and is
-- forgotten after a day. comment_id is 0 for what is in the post itself.
CREATE TABLE attachments (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	owner_id INTEGER NOT NULL REFERENCES actors (id),
	post_id INTEGER,
	comment_id INTEGER NOT NULL DEFAULT 0,
	place INTEGER NOT NULL DEFAULT 0,
	inline BOOLEAN NOT NULL DEFAULT FALSE,
	kind TEXT NOT NULL,
	media_type TEXT NOT NULL DEFAULT '',
	name TEXT REFERENCES media (name),
	address TEXT NOT NULL,
	size INTEGER NOT NULL DEFAULT 0,
	width INTEGER NOT NULL DEFAULT 0,
	height INTEGER NOT NULL DEFAULT 0,
	moves BOOLEAN NOT NULL DEFAULT FALSE,
	blurhash TEXT NOT NULL DEFAULT '',
	alt TEXT NOT NULL DEFAULT '',
	created_at TIMESTAMP NOT NULL
);
CREATE INDEX attachments_shown ON attachments (post_id, comment_id, place) WHERE post_id IS NOT NULL;
CREATE INDEX attachments_comment ON attachments (comment_id, place) WHERE comment_id <> 0;
CREATE INDEX attachments_unclaimed ON attachments (created_at) WHERE post_id IS NULL;
CREATE INDEX attachments_owner ON attachments (owner_id, id);
CREATE INDEX attachments_name ON attachments (name) WHERE name IS NOT NULL;
