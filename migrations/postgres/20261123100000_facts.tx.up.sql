-- Whom or what else a fact is about, and until when it holds.
ALTER TABLE facts ADD COLUMN target_id BIGINT, ADD COLUMN item_id BIGINT, ADD COLUMN until TIMESTAMPTZ;
