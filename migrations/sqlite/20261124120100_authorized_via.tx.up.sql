-- By whose word the browser was signed in that let a program in: when the
-- company signs its person out, that ends too.
ALTER TABLE authorizations ADD COLUMN via TEXT NOT NULL DEFAULT '';
CREATE INDEX authorizations_via ON authorizations (via) WHERE via <> '';
