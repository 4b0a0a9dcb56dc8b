-- Pictures of other servers that were fetched to be shown here. Without a name
-- there was nothing to show.
CREATE TABLE remote_pictures (
	key TEXT PRIMARY KEY,
	address TEXT NOT NULL,
	name TEXT NOT NULL DEFAULT '',
	size INTEGER NOT NULL DEFAULT 0,
	etag TEXT NOT NULL DEFAULT '',
	fetched_at TIMESTAMP NOT NULL,
	used_at TIMESTAMP NOT NULL,
	retry_at TIMESTAMP NOT NULL
);
CREATE INDEX remote_pictures_used ON remote_pictures (used_at, key);

-- What pages that posts link to say about themselves.
CREATE TABLE previews (
	key TEXT PRIMARY KEY,
	address TEXT NOT NULL,
	title TEXT NOT NULL DEFAULT '',
	description TEXT NOT NULL DEFAULT '',
	site TEXT NOT NULL DEFAULT '',
	image TEXT NOT NULL DEFAULT '',
	fetched_at TIMESTAMP NOT NULL,
	retry_at TIMESTAMP NOT NULL
);
