-- Reports about the same thing that wait together are one case, named after
-- the report that began it. One of them, an open one where there is any, leads:
-- it stands for the case in lists and is what counts.
ALTER TABLE reports ADD COLUMN case_id INTEGER NOT NULL DEFAULT 0;
ALTER TABLE reports ADD COLUMN lead BOOLEAN NOT NULL DEFAULT FALSE;
-- A message that is reported by who got it, and whether its words may be told
-- to those who look after its sender's server.
ALTER TABLE reports ADD COLUMN message_id INTEGER REFERENCES messages (id);
ALTER TABLE reports ADD COLUMN quoted BOOLEAN NOT NULL DEFAULT FALSE;

UPDATE reports SET case_id = CASE WHEN state = 'open' THEN (
	SELECT min(o.id) FROM reports AS o WHERE o.state = 'open' AND o.target_id = reports.target_id AND o.scope = reports.scope
		AND coalesce(o.group_id, 0) = coalesce(reports.group_id, 0) AND coalesce(o.post_id, 0) = coalesce(reports.post_id, 0)
		AND coalesce(o.comment_id, 0) = coalesce(reports.comment_id, 0)
	) ELSE id END;
UPDATE reports SET lead = TRUE WHERE case_id = id;
UPDATE reports SET for_admins = TRUE WHERE lead AND EXISTS (SELECT 1 FROM reports AS o WHERE o.case_id = reports.id AND o.for_admins);

DROP INDEX reports_once;
CREATE UNIQUE INDEX reports_once ON reports (reporter_id, target_id, coalesce(comment_id, 0), coalesce(post_id, 0), coalesce(group_id, 0), coalesce(message_id, 0), scope)
	WHERE state = 'open';
CREATE INDEX reports_case ON reports (case_id, id);
CREATE INDEX reports_matter ON reports (target_id) WHERE state = 'open';
-- What waits is listed and counted by case: in a group, for administrators,
-- on the whole server.
DROP INDEX reports_waiting;
DROP INDEX reports_admins;
DROP INDEX reports_group;
CREATE INDEX reports_waiting ON reports (group_id, id DESC) WHERE state = 'open' AND lead;
CREATE INDEX reports_admins ON reports (id DESC) WHERE state = 'open' AND lead AND for_admins;
CREATE INDEX reports_open ON reports (id DESC) WHERE state = 'open' AND lead;
CREATE INDEX reports_group ON reports (group_id, id DESC) WHERE lead;

-- The words as they were when they were reported.
CREATE TABLE snapshots (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	case_id INTEGER NOT NULL REFERENCES reports (id),
	author_id INTEGER NOT NULL REFERENCES actors (id),
	title TEXT NOT NULL,
	html TEXT NOT NULL,
	link TEXT NOT NULL,
	forget BOOLEAN NOT NULL DEFAULT FALSE,
	taken_at TIMESTAMP NOT NULL
);
CREATE INDEX snapshots_case ON snapshots (case_id, id);
CREATE INDEX snapshots_author ON snapshots (author_id);
