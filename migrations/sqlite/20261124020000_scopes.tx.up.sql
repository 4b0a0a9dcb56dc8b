-- What a token may be used for. Tokens that were made before there were
-- scopes go on as they were made: for everything. Browsers have none; they
-- are their person.
ALTER TABLE sessions ADD COLUMN scopes TEXT NOT NULL DEFAULT '';
UPDATE sessions SET scopes = 'read write messages moderate administer account' WHERE kind = 'token';
