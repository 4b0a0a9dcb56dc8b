-- Whoever says nothing of being found by their words agreed to nothing. What was
-- read of people elsewhere took silence for a yes; it stays only where their
-- software says it, and is read again with their next word, at most a day later.
-- What people of this server chose stays as it is.
UPDATE actors SET indexable = FALSE
WHERE host <> '' AND kind NOT IN ('group', 'feed') AND indexable
	AND NOT EXISTS (SELECT 1 FROM peers WHERE peers.host = actors.host AND peers.software IN ('mastodon', 'mbin', 'piefed', 'drystone', 'pixelfed', 'wordpress'));
