-- What people here quote in what they write (FEP-044f).
CREATE TABLE citations (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	post_id INTEGER NOT NULL REFERENCES posts (id), -- what quotes, or the post of the comment that does
	comment_id INTEGER NOT NULL DEFAULT 0, -- 0: the post itself quotes
	author_id INTEGER NOT NULL REFERENCES actors (id), -- who quotes
	quoted_post_id INTEGER NOT NULL REFERENCES posts (id),
	quoted_comment_id INTEGER NOT NULL DEFAULT 0, -- 0: the post itself is quoted
	quoted_id INTEGER NOT NULL REFERENCES actors (id), -- the author of what is quoted
	state TEXT NOT NULL, -- pending, accepted or refused
	approval TEXT NOT NULL DEFAULT '', -- where their approval can be read; empty for one's own words
	created_at TIMESTAMP NOT NULL
);
CREATE UNIQUE INDEX citations_place ON citations (post_id, comment_id);
CREATE INDEX citations_comment ON citations (comment_id);
CREATE INDEX citations_approval ON citations (approval);
CREATE INDEX quotes_what ON quotes (instrument);
CREATE INDEX quotes_actor ON quotes (actor_id);
