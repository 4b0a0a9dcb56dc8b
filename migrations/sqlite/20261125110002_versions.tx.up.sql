-- What posts and comments said before they were changed. comment_id is 0 for
-- what a post itself said. What is deleted takes these with it.
CREATE TABLE versions (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	post_id INTEGER NOT NULL, -- or the post of the comment
	comment_id INTEGER NOT NULL DEFAULT 0,
	author_id INTEGER NOT NULL REFERENCES actors (id),
	title TEXT NOT NULL DEFAULT '',
	body TEXT NOT NULL,
	html TEXT NOT NULL,
	link TEXT NOT NULL DEFAULT '',
	written_at TIMESTAMP NOT NULL,
	replaced_at TIMESTAMP NOT NULL
);
CREATE INDEX versions_of ON versions (post_id, comment_id, id);
CREATE INDEX versions_author ON versions (author_id, id);
