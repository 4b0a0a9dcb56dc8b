-- The hashtags of posts. tag is folded, as it is compared; name is as it was
-- written; born is that of the post, so that a hashtag's newest are one walk.
CREATE TABLE post_tags (
	post_id BIGINT NOT NULL,
	tag TEXT COLLATE "C" NOT NULL,
	name TEXT NOT NULL,
	born DOUBLE PRECISION NOT NULL,
	PRIMARY KEY (post_id, tag)
);
CREATE INDEX post_tags_newest ON post_tags (tag, born, post_id);
