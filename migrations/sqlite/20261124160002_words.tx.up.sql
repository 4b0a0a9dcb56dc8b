-- Search. What posts, comments, people and groups say, word by word, as
-- community.Tokens reads it; a key of posts and comments is the hour they were
-- written in, and then their number, so that keys are in the order of time.
DROP TRIGGER posts_search_add;
DROP TRIGGER posts_search_change;
DROP TRIGGER comments_search_add;
DROP TRIGGER comments_search_change;
DROP TABLE posts_search;
DROP TABLE comments_search;
CREATE VIRTUAL TABLE post_words USING fts5 (title, body, marks, content='', contentless_delete=1, tokenize="ascii tokenchars ':.-_'");
CREATE VIRTUAL TABLE comment_words USING fts5 (title, body, marks, content='', contentless_delete=1, tokenize="ascii tokenchars ':.-_'");
CREATE VIRTUAL TABLE actor_words USING fts5 (title, body, marks, content='', contentless_delete=1, tokenize="ascii tokenchars ':.-_'");
-- The languages that something was written in.
CREATE TABLE word_languages (language TEXT PRIMARY KEY);

-- What has other words now than are kept above. The rows come in the
-- transaction that changes the words, and go in the one that reads them.
CREATE TABLE stale_words (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	kind TEXT NOT NULL,
	subject_id INTEGER NOT NULL
);
-- How far the words of everything were read again; no row: to the end.
CREATE TABLE word_progress (
	kind TEXT PRIMARY KEY,
	position INTEGER NOT NULL
);
INSERT INTO word_progress (kind, position) VALUES ('post', 0), ('comment', 0), ('actor', 0);

CREATE TRIGGER posts_words_add AFTER INSERT ON posts BEGIN
	INSERT INTO stale_words (kind, subject_id) VALUES ('post', new.id);
END;
CREATE TRIGGER posts_words_change AFTER UPDATE OF title, body, link, language, kind, group_id ON posts
WHEN (old.title, old.body, old.link, old.language, old.kind, old.group_id) IS NOT (new.title, new.body, new.link, new.language, new.kind, new.group_id) BEGIN
	INSERT INTO stale_words (kind, subject_id) VALUES ('post', new.id);
END;
CREATE TRIGGER comments_words_add AFTER INSERT ON comments BEGIN
	INSERT INTO stale_words (kind, subject_id) VALUES ('comment', new.id);
END;
CREATE TRIGGER comments_words_change AFTER UPDATE OF body, language, group_id ON comments
WHEN (old.body, old.language, old.group_id) IS NOT (new.body, new.language, new.group_id) BEGIN
	INSERT INTO stale_words (kind, subject_id) VALUES ('comment', new.id);
END;
CREATE TRIGGER actors_words_add AFTER INSERT ON actors WHEN new.kind IN ('person', 'service', 'group') BEGIN
	INSERT INTO stale_words (kind, subject_id) VALUES ('actor', new.id);
END;
CREATE TRIGGER actors_words_change AFTER UPDATE OF name, title, summary, kind ON actors
WHEN (old.name, old.title, old.summary, old.kind) IS NOT (new.name, new.title, new.summary, new.kind) BEGIN
	INSERT INTO stale_words (kind, subject_id) VALUES ('actor', new.id);
END;
-- Who may be found by what they wrote changes all that they wrote.
CREATE TRIGGER actors_words_consent AFTER UPDATE OF indexable, visibility ON actors
WHEN (old.indexable, old.visibility) IS NOT (new.indexable, new.visibility) BEGIN
	INSERT INTO stale_words (kind, subject_id) VALUES ('consent', new.id);
END;
