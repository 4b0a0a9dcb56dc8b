-- An operator may hold deliveries to a server back, and tells whoever delivers
-- that a row was changed by hand.
ALTER TABLE peers ADD COLUMN paused_at TIMESTAMPTZ;
ALTER TABLE peers ADD COLUMN touched_at TIMESTAMPTZ;
CREATE INDEX peers_touched ON peers (touched_at) WHERE touched_at IS NOT NULL;
