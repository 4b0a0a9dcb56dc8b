-- Whom a provider of sign-in vouches for, and whose account they have here.
CREATE TABLE identities (
	issuer TEXT NOT NULL,
	subject TEXT NOT NULL,
	account_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
	name TEXT NOT NULL DEFAULT '',
	created_at TIMESTAMPTZ NOT NULL,
	last_used_at TIMESTAMPTZ,
	PRIMARY KEY (issuer, subject),
	UNIQUE (account_id, issuer)
);

-- In which groups somebody is because a provider says so: when it does not say
-- so any more, they leave.
CREATE TABLE enrolments (
	account_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
	group_name TEXT NOT NULL,
	PRIMARY KEY (account_id, group_name)
);

-- By whose word a browser was signed in, so that a provider can end it; empty
-- by what only its owner has.
ALTER TABLE sessions ADD COLUMN via TEXT NOT NULL DEFAULT '';
