-- How full a post's group was, its rank where busy groups weigh less, and how
-- much people quarrel about it.
ALTER TABLE posts ADD COLUMN crowd REAL NOT NULL DEFAULT 0;
ALTER TABLE posts ADD COLUMN scaled REAL NOT NULL DEFAULT 0;
ALTER TABLE posts ADD COLUMN controversial REAL NOT NULL DEFAULT 0;
-- Groups are taken as busy from now on.
UPDATE posts SET scaled = hot_group,
	controversial = CASE WHEN ups > 0 AND downs > 0 THEN power(ups + downs + 0.0, (CASE WHEN ups < downs THEN ups ELSE downs END) * 1.0 / (CASE WHEN ups < downs THEN downs ELSE ups END)) ELSE 0 END;
-- The best of a month or a year is found by walking down from the best of all:
-- without looking at a post that is older.
DROP INDEX posts_group_top;
DROP INDEX posts_top;
DROP INDEX posts_author_top;
CREATE INDEX posts_group_top ON posts (group_id, score DESC, id DESC, born) WHERE deleted_at IS NULL AND removed_at IS NULL;
CREATE INDEX posts_top ON posts (score DESC, id DESC, born) WHERE deleted_at IS NULL AND removed_at IS NULL;
CREATE INDEX posts_author_top ON posts (author_id, score DESC, id DESC, born) WHERE deleted_at IS NULL AND removed_at IS NULL;
CREATE INDEX posts_local_top ON posts (score DESC, id DESC, born) WHERE local AND deleted_at IS NULL AND removed_at IS NULL;
CREATE INDEX posts_local_active ON posts (active DESC, id DESC) WHERE local AND deleted_at IS NULL AND removed_at IS NULL;
CREATE INDEX posts_group_scaled ON posts (group_id, scaled DESC, id DESC) WHERE deleted_at IS NULL AND removed_at IS NULL;
CREATE INDEX posts_author_scaled ON posts (author_id, scaled DESC, id DESC) WHERE deleted_at IS NULL AND removed_at IS NULL;
CREATE INDEX posts_scaled ON posts (scaled DESC, id DESC) WHERE deleted_at IS NULL AND removed_at IS NULL;
CREATE INDEX posts_local_scaled ON posts (scaled DESC, id DESC) WHERE local AND deleted_at IS NULL AND removed_at IS NULL;
-- Few posts are in these.
CREATE INDEX posts_group_quarrel ON posts (group_id, controversial DESC, id DESC, born) WHERE controversial > 0 AND deleted_at IS NULL AND removed_at IS NULL;
CREATE INDEX posts_author_quarrel ON posts (author_id, controversial DESC, id DESC, born) WHERE controversial > 0 AND deleted_at IS NULL AND removed_at IS NULL;
CREATE INDEX posts_quarrel ON posts (controversial DESC, id DESC, born) WHERE controversial > 0 AND deleted_at IS NULL AND removed_at IS NULL;
CREATE INDEX posts_group_unanswered ON posts (group_id, born DESC, id DESC) WHERE comment_count = 0 AND locked_at IS NULL AND deleted_at IS NULL AND removed_at IS NULL;
CREATE INDEX posts_author_unanswered ON posts (author_id, born DESC, id DESC) WHERE comment_count = 0 AND locked_at IS NULL AND deleted_at IS NULL AND removed_at IS NULL;
CREATE INDEX posts_unanswered ON posts (born DESC, id DESC) WHERE comment_count = 0 AND locked_at IS NULL AND deleted_at IS NULL AND removed_at IS NULL;
