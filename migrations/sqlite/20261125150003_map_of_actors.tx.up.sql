-- By host first, so that SQLite does not think the index of names better.
DROP INDEX actors_map;
CREATE INDEX actors_map ON actors (host, id) WHERE host = '';
