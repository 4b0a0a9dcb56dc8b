-- Lists that people brought along: what is in them, and what became of each
-- line.
CREATE TABLE imports (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	account_id INTEGER NOT NULL UNIQUE REFERENCES accounts (id),
	state TEXT NOT NULL,
	replaces BOOLEAN NOT NULL DEFAULT FALSE,
	trouble TEXT NOT NULL DEFAULT '',
	created_at TIMESTAMP NOT NULL,
	finished_at TIMESTAMP,
	expires_at TIMESTAMP NOT NULL
);
CREATE INDEX imports_expiry ON imports (expires_at);

CREATE TABLE import_lines (
	import_id INTEGER NOT NULL REFERENCES imports (id),
	n INTEGER NOT NULL,
	file TEXT NOT NULL,
	line INTEGER NOT NULL,
	kind TEXT NOT NULL,
	target TEXT NOT NULL,
	detail TEXT NOT NULL DEFAULT '',
	host TEXT NOT NULL DEFAULT '', -- the server that is asked; none for this one
	outcome TEXT NOT NULL DEFAULT '', -- '' while it waits
	reason TEXT NOT NULL DEFAULT '',
	attempts INTEGER NOT NULL DEFAULT 0,
	run_at TIMESTAMP NOT NULL,
	PRIMARY KEY (import_id, n)
);
-- The next line, and what waits for one server.
CREATE INDEX import_lines_waiting ON import_lines (import_id, run_at, n) WHERE outcome = '';
CREATE INDEX import_lines_host ON import_lines (host) WHERE outcome = '' AND host <> '';
