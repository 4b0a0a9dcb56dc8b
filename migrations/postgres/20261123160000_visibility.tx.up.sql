-- Who may read what is said in a group: everybody ('', as it always was), its
-- members ('private'), or who is signed in here ('local').
ALTER TABLE actors ADD COLUMN visibility TEXT NOT NULL DEFAULT '';
-- Every list of posts leaves these out: there are few of them.
CREATE INDEX actors_closed ON actors (id) WHERE visibility <> '';
-- Groups elsewhere that approve their members by hand are private.
UPDATE actors SET visibility = 'private' WHERE kind = 'group' AND locked AND host <> '';

-- The Follow of somebody elsewhere, which the answer to it repeats.
ALTER TABLE memberships ADD COLUMN follow_raw BYTEA;
-- Who asks to join a group.
CREATE INDEX memberships_pending ON memberships (group_id, actor_id) WHERE state = 'pending';

-- The group that a notification is about, where there is no post.
ALTER TABLE notifications ADD COLUMN group_id BIGINT;
