-- Finds the feeds that somebody of this server keeps.
CREATE INDEX feed_sources_attributed ON feed_sources (attributed);
-- Finds the feeds that a group is in, when it is not for everybody any more.
CREATE INDEX feed_groups_group ON feed_groups (group_id);
