-- How a server wants our requests signed, as it turned out: '' or 'rfc9421',
-- without the query, and with signatures of its own.
ALTER TABLE peers ADD COLUMN signing TEXT NOT NULL DEFAULT '';
ALTER TABLE peers ADD COLUMN path_only BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE peers ADD COLUMN unshared BOOLEAN NOT NULL DEFAULT FALSE;
