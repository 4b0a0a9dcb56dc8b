-- When somebody last proved that a session is theirs. Sessions from before
-- have to prove it once.
ALTER TABLE sessions ADD COLUMN confirmed_at TIMESTAMP;
