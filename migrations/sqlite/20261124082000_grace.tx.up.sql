-- When somebody's account will be deleted, as they asked: until then nobody
-- meets them, and they can come back.
ALTER TABLE actors ADD COLUMN leaves_at TIMESTAMP;
CREATE INDEX actors_leaving ON actors (leaves_at) WHERE leaves_at IS NOT NULL;
-- Whether what they wrote goes with them, and whether they were reminded.
ALTER TABLE accounts ADD COLUMN leaves_all BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE accounts ADD COLUMN leave_reminded BOOLEAN NOT NULL DEFAULT FALSE;
