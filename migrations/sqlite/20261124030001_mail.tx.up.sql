-- An address proves something only once its owner showed that they read it, and
-- then it is of one account alone.
ALTER TABLE accounts ADD COLUMN email_key TEXT NOT NULL DEFAULT '';
ALTER TABLE accounts ADD COLUMN email_verified_at TIMESTAMP;
UPDATE accounts SET email_key = lower(email);
CREATE UNIQUE INDEX accounts_email ON accounts (email_key) WHERE email_verified_at IS NOT NULL;

-- What came by mail, or was handed out by an administrator, to prove who
-- somebody is. Without a hash it is not yet good for anything.
CREATE TABLE account_links (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	kind TEXT NOT NULL,
	account_id INTEGER NOT NULL REFERENCES accounts (id),
	address TEXT NOT NULL DEFAULT '',
	by_id INTEGER REFERENCES actors (id),
	hash BLOB UNIQUE,
	created_at TIMESTAMP NOT NULL,
	expires_at TIMESTAMP NOT NULL
);
CREATE INDEX account_links_account ON account_links (account_id, kind, id);
CREATE INDEX account_links_expired ON account_links (expires_at);
