-- What the name of an actor of this server looks like, as community.Skeleton
-- has it: two that are read as one another are not given away.
ALTER TABLE actors ADD COLUMN skeleton TEXT NOT NULL DEFAULT '';
UPDATE actors SET skeleton = replace(replace(CASE WHEN replace(name, '_', '') = '' THEN name
	ELSE replace(replace(replace(lower(replace(name, 'I', 'l')), '1', 'l'), '0', 'o'), '_', '') END, 'rn', 'm'), 'vv', 'w')
	WHERE host = '';
-- Finds whose name a new one looks like.
CREATE INDEX actors_skeleton ON actors (skeleton) WHERE host = '';
