-- An app that shows codes, beside a password. step is the last one whose code
-- was used: none is good twice. Until confirmed_at it asks for nothing.
CREATE TABLE authenticators (
	account_id BIGINT PRIMARY KEY REFERENCES accounts (id),
	secret TEXT NOT NULL,
	step BIGINT NOT NULL DEFAULT 0,
	created_at TIMESTAMPTZ NOT NULL,
	confirmed_at TIMESTAMPTZ
);

-- Codes on paper, each good once, for somebody who lost what they sign in with.
CREATE TABLE recovery_codes (
	hash BYTEA PRIMARY KEY,
	account_id BIGINT NOT NULL REFERENCES accounts (id),
	created_at TIMESTAMPTZ NOT NULL,
	used_at TIMESTAMPTZ
);
CREATE INDEX recovery_codes_account ON recovery_codes (account_id);
