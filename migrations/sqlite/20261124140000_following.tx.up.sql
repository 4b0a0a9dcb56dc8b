-- People here follow people. When a follow was asked for or answered last: who
-- was refused waits before they ask again, and what nobody answered is sent
-- again.
ALTER TABLE follows ADD COLUMN changed_at TIMESTAMP;
-- Finds a notification that is taken back with what it tells of.
CREATE INDEX notifications_actor ON notifications (actor_id, account_id) WHERE kind = 'follow';
