-- Names by how they begin, those of this server and of most followers first:
-- what a mention is completed from while it is typed. A name is looked up by
-- its first one, two or five characters, and read on from there.
CREATE INDEX actors_begin1 ON actors (substr(fold, 1, 1), (host = ''), member_count DESC, id DESC) WHERE kind IN ('person', 'service') AND deleted_at IS NULL;
CREATE INDEX actors_begin2 ON actors (substr(fold, 1, 2), (host = ''), member_count DESC, id DESC) WHERE kind IN ('person', 'service') AND deleted_at IS NULL;
CREATE INDEX actors_begin5 ON actors (substr(fold, 1, 5), (host = ''), member_count DESC, id DESC) WHERE kind IN ('person', 'service') AND deleted_at IS NULL;
CREATE INDEX actors_group_begin ON actors (substr(fold, 1, 2), (host = ''), member_count DESC, id DESC) WHERE kind = 'group' AND deleted_at IS NULL;
