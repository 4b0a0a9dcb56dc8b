-- Feeds: lists of groups that somebody on another server keeps. following is
-- the collection of these groups, owners are the ids of who keeps it, one a
-- line.
CREATE TABLE feed_sources (
	actor_id INTEGER PRIMARY KEY REFERENCES actors (id),
	following TEXT NOT NULL,
	attributed TEXT NOT NULL DEFAULT '',
	owners TEXT NOT NULL DEFAULT ''
);
-- Finds the list that an Add or Remove is about.
CREATE INDEX feed_sources_following ON feed_sources (following);

CREATE TABLE feed_groups (
	feed_id INTEGER NOT NULL REFERENCES actors (id),
	group_id INTEGER NOT NULL REFERENCES actors (id),
	created_at TIMESTAMP NOT NULL,
	PRIMARY KEY (feed_id, group_id)
);

-- Lists what somebody follows.
CREATE INDEX follows_follower ON follows (follower_id, target_id);
