-- What is pinned in a room. A pin changes the room, not the message: rooms.changed takes its number, and changes names the message.
CREATE TABLE pins (
  room    INTEGER NOT NULL,
  message INTEGER NOT NULL,
  seq     INTEGER NOT NULL,                -- the change that pinned it; pins stand in its order
  PRIMARY KEY (room, message)
) STRICT, WITHOUT ROWID;
