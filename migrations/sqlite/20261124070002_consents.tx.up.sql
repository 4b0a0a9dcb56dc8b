-- What people agreed to, and objected to, as it came to pass: the newest row of
-- a purpose is what holds.
CREATE TABLE consents (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	actor_id INTEGER NOT NULL REFERENCES actors (id),
	purpose TEXT NOT NULL,
	value BOOLEAN NOT NULL, -- agreed, or not
	source TEXT NOT NULL, -- where they said so: settings, profile, server
	at TIMESTAMP NOT NULL
);
CREATE INDEX consents_actor ON consents (actor_id, purpose, id);

-- Who looked at one person in particular, as those may who look after a group
-- or the server: one row a viewer, screen and day.
CREATE TABLE person_views (
	actor_id INTEGER NOT NULL REFERENCES actors (id), -- who was looked at
	day INTEGER NOT NULL, -- since 1970
	viewer_id INTEGER NOT NULL REFERENCES actors (id),
	screen TEXT NOT NULL,
	group_id INTEGER NOT NULL DEFAULT 0, -- 0: the server's own screens
	role TEXT NOT NULL, -- of the viewer, then
	at TIMESTAMP NOT NULL, -- the first time that day
	PRIMARY KEY (actor_id, day, viewer_id, screen, group_id)
);
CREATE INDEX person_views_day ON person_views (day);
