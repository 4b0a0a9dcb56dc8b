-- Postgres leaves room in the pages of this table; SQLite has no such thing.
SELECT 1;
