-- What people are still writing, kept on every device: drafts of posts, and of
-- answers, which have a post_id. Their owners alone see them. Those with
-- publish_at are published then; trouble says why one could not be.
CREATE TABLE sketches (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	owner_id INTEGER NOT NULL REFERENCES actors (id),
	key TEXT NOT NULL, -- chosen by the program that writes it
	version INTEGER NOT NULL,
	post_id INTEGER,
	parent_id INTEGER NOT NULL DEFAULT 0, -- the comment that is answered; 0: the post itself
	group_name TEXT NOT NULL DEFAULT '', -- as it was typed
	title TEXT NOT NULL DEFAULT '',
	body TEXT NOT NULL DEFAULT '',
	link TEXT NOT NULL DEFAULT '',
	language TEXT NOT NULL DEFAULT '',
	sensitive BOOLEAN NOT NULL DEFAULT FALSE,
	beside TEXT NOT NULL DEFAULT '', -- a poll, an event, what is quoted: JSON
	publish_at TIMESTAMP,
	group_id INTEGER, -- where it is published then
	trouble TEXT NOT NULL DEFAULT '',
	created_at TIMESTAMP NOT NULL,
	updated_at TIMESTAMP NOT NULL
);
CREATE UNIQUE INDEX sketches_key ON sketches (owner_id, key);
CREATE INDEX sketches_due ON sketches (publish_at) WHERE publish_at IS NOT NULL;

-- The uploads that are shown in drafts: they wait for as long as those do.
-- place is -1 for what stands in the text.
CREATE TABLE sketch_uploads (
	sketch_id INTEGER NOT NULL REFERENCES sketches (id),
	attachment_id INTEGER NOT NULL,
	place INTEGER NOT NULL,
	PRIMARY KEY (sketch_id, attachment_id)
);
CREATE INDEX sketch_uploads_attachment ON sketch_uploads (attachment_id);
