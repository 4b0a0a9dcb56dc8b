-- Calendars ask for what is soon.
CREATE INDEX events_starts_at ON events (starts_at);
