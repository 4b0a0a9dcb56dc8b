-- Who may not speak on this server; 9999-12-31 means for good.
ALTER TABLE actors ADD COLUMN banned_until TIMESTAMP;
-- Finds out whether who knocks is banned.
CREATE INDEX actors_banned ON actors (iri) WHERE banned_until IS NOT NULL;

ALTER TABLE memberships ADD COLUMN ban_reason TEXT NOT NULL DEFAULT '';
ALTER TABLE memberships ADD COLUMN moderates_since TIMESTAMP;
UPDATE memberships SET moderates_since = created_at WHERE role <> 'member';
-- Lists who is banned from a group.
CREATE INDEX memberships_banned ON memberships (group_id, banned_until DESC) WHERE banned_until IS NOT NULL;

-- Bans from a whole server: this one (host is empty) or another, which only
-- counts in its own groups.
CREATE TABLE site_bans (
	actor_id INTEGER NOT NULL REFERENCES actors (id),
	host TEXT NOT NULL DEFAULT '',
	by_id INTEGER NOT NULL,
	reason TEXT NOT NULL DEFAULT '',
	until TIMESTAMP NOT NULL,
	created_at TIMESTAMP NOT NULL,
	PRIMARY KEY (actor_id, host)
);
CREATE INDEX site_bans_host ON site_bans (host, created_at DESC);

-- What moderators decided, for the logs that people read.
CREATE TABLE decisions (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	kind TEXT NOT NULL,
	actor_id INTEGER NOT NULL,
	group_id INTEGER, -- none: of a whole server
	host TEXT NOT NULL DEFAULT '',
	target_id INTEGER,
	post_id INTEGER,
	comment_id INTEGER,
	reason TEXT NOT NULL DEFAULT '',
	until TIMESTAMP,
	created_at TIMESTAMP NOT NULL
);
-- The log of a group, newest first.
CREATE INDEX decisions_group ON decisions (group_id, id DESC);
-- What was decided about somebody: a ban, to be lifted.
CREATE INDEX decisions_target ON decisions (target_id, kind);

-- Which decision took something down, so that taking it back brings back just
-- that.
ALTER TABLE posts ADD COLUMN removed_in INTEGER;
CREATE INDEX posts_removed_in ON posts (removed_in) WHERE removed_in IS NOT NULL;
ALTER TABLE comments ADD COLUMN removed_in INTEGER;
ALTER TABLE comments ADD COLUMN locked_at TIMESTAMP;
CREATE INDEX comments_removed_in ON comments (removed_in) WHERE removed_in IS NOT NULL;
-- The branches of a thread that take no answers.
CREATE INDEX comments_locked ON comments (post_id) WHERE locked_at IS NOT NULL;
