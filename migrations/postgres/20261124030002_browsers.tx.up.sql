-- How many letters went to an address is counted over all accounts.
ALTER TABLE account_links ADD COLUMN address_key TEXT NOT NULL DEFAULT '';
CREATE INDEX account_links_address ON account_links (kind, address_key);

-- In which browsers somebody signed in before: of any other they are told.
CREATE TABLE account_browsers (
	account_id BIGINT NOT NULL REFERENCES accounts (id),
	hash BYTEA NOT NULL,
	seen_at TIMESTAMPTZ NOT NULL,
	PRIMARY KEY (account_id, hash)
);
CREATE INDEX account_browsers_seen ON account_browsers (seen_at);
