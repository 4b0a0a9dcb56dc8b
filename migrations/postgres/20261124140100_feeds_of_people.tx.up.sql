-- What people write whom somebody follows, in the orders of the home feed: its
-- query reads the best of each of them, as it does of each group.
CREATE INDEX posts_author_hot ON posts (author_id, hot_group DESC, id DESC) WHERE deleted_at IS NULL AND removed_at IS NULL;
CREATE INDEX posts_author_new ON posts (author_id, born DESC, id DESC) WHERE deleted_at IS NULL AND removed_at IS NULL;
CREATE INDEX posts_author_top ON posts (author_id, score DESC, id DESC) WHERE deleted_at IS NULL AND removed_at IS NULL;
CREATE INDEX posts_author_active ON posts (author_id, active DESC, id DESC) WHERE deleted_at IS NULL AND removed_at IS NULL;
