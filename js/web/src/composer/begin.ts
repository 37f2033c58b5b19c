import type { Message } from 'confab-client';
import { editing } from '../state/chat';
import { focusComposer } from '../state/focus';
import { wordsOf } from '../state/words';
import { type Answered, append, write } from './drafts';
import { beginEdit, leaveEdit } from './edits';
import { putBack } from './uploads';

const maxQuoted = 100;

/** Which box it is: that of a room, or of one of its threads. */
export const placeOf = (room: string, thread: number | undefined): string => (thread === undefined ? room : `${room}/${thread}`);

/** What is said of a message that is answered. */
export const answer = (message: Message): Answered => ({ id: message.id, username: message.username, words: wordsOf(message).slice(0, maxQuoted) });

export const startReply = (room: string, message: Message): void => {
  leaveEdit(room);
  write(room, { reply: answer(message) });
  focusComposer();
};

export const startEdit = (room: string, thread: number | undefined, { id, content }: Message): void => {
  beginEdit(placeOf(room, thread), room, id, editing.peek().get(`${room}/${id}`) ?? content);
  focusComposer(thread);
};

/** Puts words into a box, after those that are there, with the files that go with them and what they answer. */
export const compose = (room: string, thread: number | undefined, text: string, files: string[], reply: Answered | undefined): void => {
  const place = placeOf(room, thread);
  leaveEdit(place);
  append(place, text);
  putBack(place, files);
  if (reply) write(place, { reply });
  focusComposer(thread);
};
