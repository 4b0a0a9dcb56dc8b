-- Maps for search engines are read in parts of so many ids. Most of what is
-- known was written elsewhere, and is on the maps there.
CREATE INDEX posts_map ON posts (id) WHERE local AND deleted_at IS NULL AND removed_at IS NULL;
CREATE INDEX actors_map ON actors (id) WHERE host = '';
