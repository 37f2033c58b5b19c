-- Uploads, one row each; the bytes lie beside the database under their hash, the same ones once.
CREATE TABLE files (
  id         TEXT NOT NULL PRIMARY KEY,     -- 128 random bits, base64url
  room       INTEGER NOT NULL,
  message    INTEGER,                       -- null until a message takes it
  place      INTEGER NOT NULL DEFAULT 0,    -- among those of its message
  sha256     BLOB NOT NULL CHECK (length(sha256) = 32),
  name       TEXT NOT NULL,
  type       TEXT NOT NULL,                 -- as it is served
  size       INTEGER NOT NULL,
  width      INTEGER,                       -- of pictures, as shown
  height     INTEGER,
  created_at INTEGER NOT NULL               -- ms since 1970
) STRICT, WITHOUT ROWID;

CREATE INDEX files_message ON files (room, message, place) WHERE message IS NOT NULL;
CREATE INDEX files_unattached ON files (created_at) WHERE message IS NULL;
CREATE INDEX files_sha256 ON files (sha256);

-- How many files a message has: those without, nearly all, are read without looking for any.
ALTER TABLE messages ADD COLUMN files INTEGER NOT NULL DEFAULT 0;
