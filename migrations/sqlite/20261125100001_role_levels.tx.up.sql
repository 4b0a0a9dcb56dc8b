-- Who gives roles gives and ends only those below their own highest. Roles that
-- people made before stand as the program would have them: those that let
-- somebody give roles above the others.
ALTER TABLE named_roles ADD COLUMN level INTEGER NOT NULL DEFAULT 2;
UPDATE named_roles SET level = 5 WHERE ' ' || permits || ' ' LIKE '% roles.give %' OR ' ' || permits || ' ' LIKE '% site.roles %';
