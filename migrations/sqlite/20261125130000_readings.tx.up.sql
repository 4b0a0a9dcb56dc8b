-- How far people have read in threads. Only they see it.
CREATE TABLE readings (
	actor_id INTEGER NOT NULL REFERENCES actors (id),
	post_id INTEGER NOT NULL REFERENCES posts (id),
	through INTEGER NOT NULL DEFAULT 0, -- the newest comment that was there, by id; 0: none was
	read_at TIMESTAMP NOT NULL, -- when they were there last
	PRIMARY KEY (actor_id, post_id)
);
CREATE INDEX readings_oldest ON readings (read_at);
-- What came into a thread after a comment, and all of it, for threads that move.
CREATE INDEX comments_in ON comments (post_id, id);
