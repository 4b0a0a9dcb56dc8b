-- When a letter or a browser is to tell of it; nothing where that is done.
ALTER TABLE notifications ADD COLUMN due_at TIMESTAMPTZ;
CREATE INDEX notifications_due ON notifications (due_at) WHERE due_at IS NOT NULL;
DROP INDEX notifications_mail;
DROP INDEX notifications_push;
ALTER TABLE tellings DROP COLUMN mailed;
ALTER TABLE tellings DROP COLUMN pushed;
CREATE INDEX notifications_daily ON notifications (account_id, id) WHERE mail = 'daily';
