-- The ranks of each group's best post, by the order: what a feed of many groups
-- begins with. Renewed with the counters; none where nothing was posted.
CREATE TABLE group_heads (
	id BIGINT PRIMARY KEY,
	hot DOUBLE PRECISION,
	active DOUBLE PRECISION,
	born DOUBLE PRECISION,
	score BIGINT
);
INSERT INTO group_heads (id, hot, active, born, score) SELECT a.id,
	(SELECT p.hot_group FROM posts AS p WHERE p.group_id = a.id AND p.deleted_at IS NULL AND p.removed_at IS NULL ORDER BY p.hot_group DESC, p.id DESC LIMIT 1),
	(SELECT p.active FROM posts AS p WHERE p.group_id = a.id AND p.deleted_at IS NULL AND p.removed_at IS NULL ORDER BY p.active DESC, p.id DESC LIMIT 1),
	(SELECT p.born FROM posts AS p WHERE p.group_id = a.id AND p.deleted_at IS NULL AND p.removed_at IS NULL ORDER BY p.born DESC, p.id DESC LIMIT 1),
	(SELECT p.score FROM posts AS p WHERE p.group_id = a.id AND p.deleted_at IS NULL AND p.removed_at IS NULL ORDER BY p.score DESC, p.id DESC LIMIT 1)
	FROM actors AS a WHERE a.kind = 'group';
