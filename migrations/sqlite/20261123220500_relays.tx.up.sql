-- Relays to which an operator subscribed this server; none unless they did.
CREATE TABLE relays (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	address TEXT NOT NULL UNIQUE,
	style TEXT NOT NULL,
	inbox TEXT NOT NULL,
	actor TEXT NOT NULL,
	follow TEXT NOT NULL UNIQUE,
	state TEXT NOT NULL,
	created_at TIMESTAMP NOT NULL
);
