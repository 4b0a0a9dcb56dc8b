-- What people elsewhere may show beside words of theirs (FEP-044f). A row is
-- gone when that is no longer so.
CREATE TABLE quotes (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	iri TEXT NOT NULL UNIQUE, -- where the approval can be read
	post_id INTEGER NOT NULL REFERENCES posts (id),
	comment_id INTEGER NOT NULL DEFAULT 0, -- 0: the post itself is quoted
	group_id INTEGER NOT NULL REFERENCES actors (id),
	author_id INTEGER NOT NULL REFERENCES actors (id), -- of what is quoted
	actor_id INTEGER NOT NULL REFERENCES actors (id), -- who quotes
	instrument TEXT NOT NULL, -- the id of what quotes
	created_at TIMESTAMP NOT NULL
);
CREATE UNIQUE INDEX quotes_instrument ON quotes (post_id, comment_id, instrument);
CREATE INDEX quotes_group ON quotes (group_id);
CREATE INDEX quotes_author ON quotes (author_id);
