-- Posts that ask something, and groups in which posts do unless they say
-- otherwise. answered is when somebody else first answered, in hours since the
-- epoch of ranks, or 0: of every post, for the figures of its group.
ALTER TABLE posts ADD COLUMN question BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE posts ADD COLUMN answered DOUBLE PRECISION NOT NULL DEFAULT 0;
ALTER TABLE actors ADD COLUMN questions BOOLEAN NOT NULL DEFAULT FALSE;
CREATE INDEX comments_first ON comments (post_id, born);
UPDATE posts SET answered = coalesce((SELECT min(c.born) FROM comments AS c
	WHERE c.post_id = posts.id AND c.author_id <> posts.author_id AND c.deleted_at IS NULL AND c.removed_at IS NULL), 0)
	WHERE comment_count > 0;
DROP INDEX comments_first;
CREATE INDEX posts_waiting ON posts (born, id)
	WHERE question AND answer_id IS NULL AND deleted_at IS NULL AND removed_at IS NULL AND locked_at IS NULL;
CREATE INDEX posts_waiting_in ON posts (group_id, born, id)
	WHERE question AND answer_id IS NULL AND deleted_at IS NULL AND removed_at IS NULL AND locked_at IS NULL;
