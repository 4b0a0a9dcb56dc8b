-- An app that shows codes, beside a password. step is the last one whose code
-- was used: none is good twice. Until confirmed_at it asks for nothing.
CREATE TABLE authenticators (
	account_id INTEGER PRIMARY KEY REFERENCES accounts (id),
	secret TEXT NOT NULL,
	step INTEGER NOT NULL DEFAULT 0,
	created_at TIMESTAMP NOT NULL,
	confirmed_at TIMESTAMP
);

-- Codes on paper, each good once, for somebody who lost what they sign in with.
CREATE TABLE recovery_codes (
	hash BLOB PRIMARY KEY,
	account_id INTEGER NOT NULL REFERENCES accounts (id),
	created_at TIMESTAMP NOT NULL,
	used_at TIMESTAMP
);
CREATE INDEX recovery_codes_account ON recovery_codes (account_id);
