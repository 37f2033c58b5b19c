-- The names in use: of those who joined a room or changed something in one. Folded as they are compared where somebody is mentioned.
CREATE TABLE names (
  folded TEXT NOT NULL,
  name   TEXT NOT NULL,
  PRIMARY KEY (folded, name)
) STRICT, WITHOUT ROWID;

-- Whom a message means, a JSON array of names in use when it was stored; null for nobody, as in everything from before.
ALTER TABLE messages ADD COLUMN mentions TEXT;
