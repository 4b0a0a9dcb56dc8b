-- Pictures whose files may lie in the media store. A row is written before its
-- files are, so that none is forgotten; they go when nobody shows them any more
-- and this time is over.
CREATE TABLE media (
	name TEXT PRIMARY KEY,
	created_at TIMESTAMPTZ NOT NULL,
	kept_until TIMESTAMPTZ NOT NULL
);
CREATE INDEX media_kept ON media (kept_until);

-- What people and groups of this server show.
CREATE TABLE pictures (
	actor_id BIGINT NOT NULL REFERENCES actors (id),
	use TEXT NOT NULL,
	name TEXT NOT NULL REFERENCES media (name),
	created_at TIMESTAMPTZ NOT NULL,
	PRIMARY KEY (actor_id, use)
);
CREATE INDEX pictures_name ON pictures (name);
