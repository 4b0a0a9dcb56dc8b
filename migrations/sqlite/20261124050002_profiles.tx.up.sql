-- What people of this server say about themselves beside what is in actors.
CREATE TABLE profiles (
	actor_id INTEGER PRIMARY KEY REFERENCES actors (id),
	languages TEXT NOT NULL,
	interests TEXT NOT NULL,
	zone TEXT NOT NULL,
	quiet_from INTEGER NOT NULL,
	quiet_to INTEGER NOT NULL,
	updated_at TIMESTAMP NOT NULL
);

-- The lines of a profile, of people here and elsewhere. Links of those here are
-- looked at again and again: do they lead back?
CREATE TABLE profile_fields (
	actor_id INTEGER NOT NULL REFERENCES actors (id),
	place INTEGER NOT NULL,
	name TEXT NOT NULL,
	value TEXT NOT NULL,
	html TEXT NOT NULL,
	link TEXT NOT NULL,
	check_at TIMESTAMP,
	checked_at TIMESTAMP,
	verified_at TIMESTAMP,
	PRIMARY KEY (actor_id, place)
);
CREATE INDEX profile_fields_due ON profile_fields (check_at) WHERE check_at IS NOT NULL;

-- How somebody appears in one group, and nowhere else.
CREATE TABLE facets (
	group_id INTEGER NOT NULL REFERENCES actors (id),
	actor_id INTEGER NOT NULL REFERENCES actors (id),
	title TEXT NOT NULL,
	bio TEXT NOT NULL,
	updated_at TIMESTAMP NOT NULL,
	PRIMARY KEY (group_id, actor_id)
);
CREATE INDEX facets_actor ON facets (actor_id);

-- Who asks to follow somebody waits for an answer, which repeats the Follow.
ALTER TABLE follows ADD COLUMN raw BLOB;
CREATE INDEX follows_pending ON follows (target_id, follower_id) WHERE state = 'pending';
