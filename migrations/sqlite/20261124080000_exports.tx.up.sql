-- What people asked to take with them, and how far it has come. The name is
-- drawn, so that nobody guesses the address of an archive.
CREATE TABLE exports (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	account_id INTEGER NOT NULL UNIQUE REFERENCES accounts (id),
	name TEXT NOT NULL UNIQUE,
	state TEXT NOT NULL,
	file INTEGER NOT NULL DEFAULT 0, -- which of its files is being written
	stage INTEGER NOT NULL DEFAULT 0, -- of that file
	after INTEGER NOT NULL DEFAULT 0, -- the last row that is written
	rows INTEGER NOT NULL DEFAULT 0,
	trouble TEXT NOT NULL DEFAULT '',
	created_at TIMESTAMP NOT NULL,
	finished_at TIMESTAMP,
	expires_at TIMESTAMP NOT NULL
);
CREATE INDEX exports_expiry ON exports (expires_at);

-- The files of an archive as far as they are written. They are put together
-- when it is fetched.
CREATE TABLE export_files (
	export_id INTEGER NOT NULL REFERENCES exports (id),
	file INTEGER NOT NULL,
	name TEXT NOT NULL,
	rows INTEGER NOT NULL DEFAULT 0,
	parts INTEGER NOT NULL DEFAULT 0,
	crc INTEGER NOT NULL DEFAULT 0,
	size INTEGER NOT NULL DEFAULT 0,
	packed INTEGER NOT NULL DEFAULT 0,
	PRIMARY KEY (export_id, file)
);

CREATE TABLE export_parts (
	export_id INTEGER NOT NULL REFERENCES exports (id),
	file INTEGER NOT NULL,
	part INTEGER NOT NULL,
	body BLOB NOT NULL,
	PRIMARY KEY (export_id, file, part)
);
