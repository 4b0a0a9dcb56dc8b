-- When somebody here last posted, commented or voted, to the day: NodeInfo
-- counts who did within a month and half a year.
ALTER TABLE accounts ADD COLUMN active_at TIMESTAMP;
UPDATE accounts SET active_at = (SELECT max(arrived_at) FROM (
	SELECT arrived_at FROM posts WHERE author_id = accounts.actor_id
	UNION ALL SELECT arrived_at FROM comments WHERE author_id = accounts.actor_id) AS written);
