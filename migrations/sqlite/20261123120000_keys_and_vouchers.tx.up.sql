-- The keys of actors beside the one that stands in their row: the Multikeys
-- and further keys of others, and of our own the Ed25519 key, the keys that a
-- rotation prepared and those that it retired.
CREATE TABLE actor_keys (
	actor_id INTEGER NOT NULL REFERENCES actors (id),
	iri TEXT NOT NULL,
	multikey TEXT NOT NULL, -- the public half (FEP-521a)
	private_key TEXT NOT NULL DEFAULT '', -- of our own: PEM
	asserts BOOLEAN NOT NULL, -- listed under assertionMethod: good for proofs
	state TEXT NOT NULL DEFAULT '',
	last_activity INTEGER NOT NULL DEFAULT 0, -- the last one that a retired key signs
	created_at TIMESTAMP NOT NULL,
	retired_at TIMESTAMP,
	PRIMARY KEY (actor_id, iri)
);

-- The name of the key; empty for the first one, which is called #main-key.
ALTER TABLE keys ADD COLUMN iri TEXT NOT NULL DEFAULT '';

-- The server on whose word a vote was taken: one of whose groups announced
-- it. Zero for who voted here or signed the vote.
ALTER TABLE votes ADD COLUMN via INTEGER NOT NULL DEFAULT 0;
CREATE INDEX votes_via ON votes (via) WHERE via <> 0;
