import type { Message } from 'confab-client';
import { setHtml } from './trusted';

type Said = Partial<Pick<Message, 'content' | 'html' | 'attachments'>>;

/** Where a block or a line ends, there is a space. */
const ends = /<\/(?:p|li|pre|blockquote|h[1-6]|t[hdr])>|<br/g;

const known = new WeakMap<Said, string>();

/** What a message says, without the marks of its Markdown, or which files it brings: where it is quoted, listed or read aloud. */
export const wordsOf = (message: Said): string => {
  if (!message.html) return message.content || (message.attachments ?? []).map(({ name }) => name).join(', ');
  let words = known.get(message);
  if (words === undefined) {
    const template = document.createElement('template');
    setHtml(template, message.html.replace(ends, ' $&'));
    words = (template.content.textContent ?? '').replace(/\s+/g, ' ').trim();
    known.set(message, words);
  }
  return words;
};
