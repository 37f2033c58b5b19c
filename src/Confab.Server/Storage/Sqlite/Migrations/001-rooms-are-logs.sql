-- A room is a log: rooms.head is the last number given in it.
CREATE TABLE rooms (
  id         INTEGER PRIMARY KEY,
  name       TEXT NOT NULL UNIQUE,
  topic      TEXT NOT NULL DEFAULT '',
  head       INTEGER NOT NULL DEFAULT 0 CHECK (head >= 0),
  changed    INTEGER NOT NULL DEFAULT 0,   -- the seq of the last change to the room itself
  created_at INTEGER NOT NULL              -- ms since 1970
) STRICT;

-- A message carries the seq it was created under and the seq of its last change.
CREATE TABLE messages (
  room      INTEGER NOT NULL,
  seq       INTEGER NOT NULL CHECK (seq > 0),
  changed   INTEGER NOT NULL CHECK (changed >= seq),
  sender    TEXT NOT NULL,
  content   TEXT NOT NULL,
  timestamp INTEGER NOT NULL,              -- ms since 1970
  edited_at INTEGER,
  deleted   INTEGER NOT NULL DEFAULT 0,
  reply_to  INTEGER,
  client_id TEXT,
  body_hash BLOB,                          -- of what was asked, to tell a repeat from a conflict
  PRIMARY KEY (room, seq)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX messages_client_id ON messages (room, sender, client_id) WHERE client_id IS NOT NULL;
-- What changed after n is one range of this and one of the primary key; a message nobody changed costs nothing here.
CREATE INDEX messages_changed ON messages (room, changed) WHERE changed <> seq;

-- Every other number of a room: edits, deletions, reactions, topics. Their outcome is in the tables of state.
CREATE TABLE changes (
  room      INTEGER NOT NULL,
  seq       INTEGER NOT NULL CHECK (seq > 0),
  kind      INTEGER NOT NULL,
  message   INTEGER,                       -- the message it changed; null for the room itself
  sender    TEXT NOT NULL,
  timestamp INTEGER NOT NULL,              -- ms since 1970
  client_id TEXT,
  body_hash BLOB,
  PRIMARY KEY (room, seq)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX changes_client_id ON changes (room, sender, client_id) WHERE client_id IS NOT NULL;

CREATE TABLE reactions (
  room    INTEGER NOT NULL,
  message INTEGER NOT NULL,
  emoji   TEXT NOT NULL,
  sender  TEXT NOT NULL,
  seq     INTEGER NOT NULL,                -- the change that added it
  PRIMARY KEY (room, message, emoji, sender)
) STRICT, WITHOUT ROWID;

CREATE TABLE read_markers (
  room   INTEGER NOT NULL,
  sender TEXT NOT NULL,
  seq    INTEGER NOT NULL,
  PRIMARY KEY (room, sender)
) STRICT, WITHOUT ROWID;

-- One row: the epoch names this history of numbers (restoring a backup begins a new one), the probe is the last one of /health/ready.
CREATE TABLE server (
  id       INTEGER PRIMARY KEY CHECK (id = 1),
  epoch    TEXT NOT NULL,
  probe_at INTEGER NOT NULL DEFAULT 0
) STRICT;

INSERT INTO server (id, epoch) VALUES (1, lower(hex(randomblob(8))));
