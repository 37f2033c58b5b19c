-- The content's Markdown as HTML, made when it was accepted; null when it is shown as the text it is, as everything from before is.
ALTER TABLE messages ADD COLUMN html TEXT;
