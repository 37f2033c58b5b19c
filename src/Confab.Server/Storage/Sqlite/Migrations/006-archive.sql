-- An archived room is read, and not written to. It is in no list of rooms and does not count for their limit.
ALTER TABLE rooms ADD COLUMN archived INTEGER NOT NULL DEFAULT 0;
