-- Where actors say that they live too, one id a line, and where they moved.
ALTER TABLE actors ADD COLUMN also_known_as TEXT NOT NULL DEFAULT '';
ALTER TABLE actors ADD COLUMN moved_to TEXT NOT NULL DEFAULT '';
ALTER TABLE actors ADD COLUMN moved_at TIMESTAMP;

-- What was read of a group or thread that lives elsewhere, and when.
CREATE TABLE backfills (
	iri TEXT PRIMARY KEY,
	host TEXT NOT NULL,
	state TEXT NOT NULL,
	fetched INTEGER NOT NULL DEFAULT 0,
	trouble TEXT NOT NULL DEFAULT '',
	tag TEXT NOT NULL DEFAULT '',
	asked_at TIMESTAMP NOT NULL,
	read_at TIMESTAMP
);
