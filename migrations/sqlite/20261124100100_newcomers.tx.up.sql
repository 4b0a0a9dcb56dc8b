-- Who has still to confirm their mail address, the oldest first: few, among
-- all whom a server knows.
CREATE INDEX actors_newcomers ON actors (created_at, id) WHERE kind = 'newcomer';
