-- Whom or what else a fact is about, and until when it holds.
ALTER TABLE facts ADD COLUMN target_id INTEGER;
ALTER TABLE facts ADD COLUMN item_id INTEGER;
ALTER TABLE facts ADD COLUMN until TIMESTAMP;
