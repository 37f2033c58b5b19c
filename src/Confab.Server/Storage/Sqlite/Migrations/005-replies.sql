-- The replies to a message, in order; a message that answers none costs nothing here.
CREATE INDEX messages_replies ON messages (room, reply_to) WHERE reply_to IS NOT NULL;
