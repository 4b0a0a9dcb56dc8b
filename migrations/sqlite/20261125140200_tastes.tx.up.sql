-- How people like their lists of posts, wherever they read them.
CREATE TABLE tastes (
	actor_id INTEGER PRIMARY KEY REFERENCES actors (id),
	sort TEXT NOT NULL,
	within TEXT NOT NULL DEFAULT '',
	updated_at TIMESTAMP NOT NULL
);
