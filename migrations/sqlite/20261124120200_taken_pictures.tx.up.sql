-- Pictures of people elsewhere that were taken away here: what their server
-- calls them is not shown, until it is another.
CREATE TABLE taken_pictures (
	actor_id INTEGER NOT NULL REFERENCES actors (id) ON DELETE CASCADE,
	use TEXT NOT NULL,
	address TEXT NOT NULL,
	taken_at TIMESTAMP NOT NULL,
	PRIMARY KEY (actor_id, use)
);
