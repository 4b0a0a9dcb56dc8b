-- An operator may hold deliveries to a server back, and tells whoever delivers
-- that a row was changed by hand.
ALTER TABLE peers ADD COLUMN paused_at TIMESTAMP;
ALTER TABLE peers ADD COLUMN touched_at TIMESTAMP;
CREATE INDEX peers_touched ON peers (touched_at) WHERE touched_at IS NOT NULL;
