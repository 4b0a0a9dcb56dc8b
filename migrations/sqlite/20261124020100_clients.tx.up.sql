-- Programs that others made for people here, and what those let them do
-- (OAuth 2.1).
CREATE TABLE clients (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	key TEXT NOT NULL UNIQUE, -- the client_id
	secret_hash BLOB, -- none: it can keep no secret
	method TEXT NOT NULL,
	name TEXT NOT NULL,
	uri TEXT NOT NULL DEFAULT '',
	redirects TEXT NOT NULL, -- one a line
	scopes TEXT NOT NULL DEFAULT '',
	created_at TIMESTAMP NOT NULL
);
-- Finds those that nobody ever let in, to count and to forget them.
CREATE INDEX clients_age ON clients (created_at);

-- Who let which program act for them.
CREATE TABLE permits (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	account_id INTEGER NOT NULL REFERENCES accounts (id),
	client_id INTEGER NOT NULL REFERENCES clients (id) ON DELETE CASCADE,
	scopes TEXT NOT NULL,
	created_at TIMESTAMP NOT NULL,
	last_used_at TIMESTAMP
);
CREATE UNIQUE INDEX permits_pair ON permits (account_id, client_id);
CREATE INDEX permits_client ON permits (client_id);

-- One sign-in of a program: its code, and all that came of it.
CREATE TABLE authorizations (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	permit_id INTEGER NOT NULL REFERENCES permits (id) ON DELETE CASCADE,
	redirect TEXT NOT NULL,
	challenge TEXT NOT NULL,
	scopes TEXT NOT NULL,
	code_hash BLOB NOT NULL UNIQUE,
	redeemed_at TIMESTAMP,
	family_hash BLOB UNIQUE,
	refresh_hash BLOB,
	created_at TIMESTAMP NOT NULL,
	expires_at TIMESTAMP NOT NULL
);
CREATE INDEX authorizations_permit ON authorizations (permit_id);
CREATE INDEX authorizations_end ON authorizations (expires_at);

-- A program's access tokens end with its authorization.
ALTER TABLE sessions ADD COLUMN authorization_id INTEGER REFERENCES authorizations (id) ON DELETE CASCADE;
CREATE INDEX sessions_authorization ON sessions (authorization_id);
