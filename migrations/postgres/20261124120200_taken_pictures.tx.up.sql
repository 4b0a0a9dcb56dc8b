-- Pictures of people elsewhere that were taken away here: what their server
-- calls them is not shown, until it is another.
CREATE TABLE taken_pictures (
	actor_id BIGINT NOT NULL REFERENCES actors (id) ON DELETE CASCADE,
	use TEXT NOT NULL,
	address TEXT NOT NULL,
	taken_at TIMESTAMPTZ NOT NULL,
	PRIMARY KEY (actor_id, use)
);
