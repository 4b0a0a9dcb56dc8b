-- What people keep for later. Only they see it.
CREATE TABLE saves (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	actor_id INTEGER NOT NULL REFERENCES actors (id),
	post_id INTEGER NOT NULL REFERENCES posts (id), -- or the post of the comment
	comment_id INTEGER NOT NULL DEFAULT 0, -- 0: the post itself
	created_at TIMESTAMP NOT NULL
);
CREATE UNIQUE INDEX saves_what ON saves (actor_id, post_id, comment_id);
CREATE INDEX saves_newest ON saves (actor_id, id);
CREATE INDEX saves_comment ON saves (actor_id, comment_id) WHERE comment_id <> 0;
