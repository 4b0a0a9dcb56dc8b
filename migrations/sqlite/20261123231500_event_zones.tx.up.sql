-- The time zone in which an event was written, such as Europe/Berlin.
ALTER TABLE events ADD COLUMN zone TEXT NOT NULL DEFAULT '';
