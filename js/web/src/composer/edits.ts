import { batch, type Signal, signal } from '@preact/signals';
import { base } from '../state/base';
import { client } from '../state/client';
import { problem } from '../state/problem';
import { onTold, tellWindows } from '../state/windows';
import { append } from './drafts';

/** Words of a message that are being replaced. */
export interface Edit {
  room: string;
  id: number;
  was: string;
  text: string;
}

const edits = new Map<string, Signal<Edit | undefined>>();

/** What other windows do with messages that are edited here, by `room/id`. */
export const elsewhere = signal<ReadonlyMap<string, 'editing' | 'saved'>>(new Map());

export const editKey = ({ room, id }: Pick<Edit, 'room' | 'id'>): string => `${room}/${id}`;

const wordsKey = (edit: Pick<Edit, 'room' | 'id'>): string => `confab${base}.edit.${editKey(edit)}`;

const placeKey = (place: string): string => `confab${base}.editing.${place}`;

const parse = (kept: string | null): Edit | undefined => {
  try {
    return kept === null ? undefined : (JSON.parse(kept) as Edit);
  } catch {
    return undefined;
  }
};

/** What is edited in a box of this window: it stays so when one leaves the room, or loads the page anew. */
export const editOf = (place: string): Signal<Edit | undefined> => {
  let edit = edits.get(place);
  if (!edit) {
    edit = signal(parse(sessionStorage.getItem(placeKey(place))));
    edits.set(place, edit);
    const { value } = edit;
    if (value) tellWindows({ type: 'editing', key: editKey(value), isAnswer: false });
  }
  return edit;
};

const set = (place: string, edit: Edit | undefined): void => {
  editOf(place).value = edit;
  if (edit) sessionStorage.setItem(placeKey(place), JSON.stringify(edit));
  else sessionStorage.removeItem(placeKey(place));
};

const learn = (key: string, what: 'editing' | 'saved' | undefined): void => {
  const known = new Map(elsewhere.peek());
  if (what) known.set(key, what);
  else known.delete(key);
  elsewhere.value = known;
};

/** Keeps the words of an edit that was refused, or left, until the message is edited again. */
const keepEdit = (room: string, id: number, text: string): void => localStorage.setItem(wordsKey({ room, id }), text);

/** Begins to edit a message, with the words that are left of an edit before. What was edited in that box is left, and so is it in another box. */
export const beginEdit = (place: string, room: string, id: number, was: string): void => {
  leaveEdit(place);
  for (const [other, { value: begun }] of edits) if (begun?.room === room && begun.id === id) leaveEdit(other);
  // What another window is about to write is that window's.
  const kept = elsewhere.peek().get(editKey({ room, id })) === 'editing' ? null : localStorage.getItem(wordsKey({ room, id }));
  const edit = { room, id, was, text: kept ?? was };
  set(place, edit);
  tellWindows({ type: 'editing', key: editKey(edit), isAnswer: false });
};

export const writeEdit = (place: string, text: string): void => {
  const edit = editOf(place).peek();
  if (!edit) return;
  set(place, { ...edit, text });
  if (text === edit.was) localStorage.removeItem(wordsKey(edit));
  else keepEdit(edit.room, edit.id, text);
};

/** Something else takes the box. */
export const leaveEdit = (place: string): void => {
  const edit = editOf(place).peek();
  if (!edit) return;
  set(place, undefined);
  learn(editKey(edit), undefined);
  tellWindows({ type: 'edited', key: editKey(edit), isSaved: false });
};

/** It is saved, or given up. */
export const endEdit = (place: string, isSaved: boolean): void => {
  const edit = editOf(place).peek();
  if (!edit) return;
  localStorage.removeItem(wordsKey(edit));
  set(place, undefined);
  learn(editKey(edit), undefined);
  tellWindows({ type: 'edited', key: editKey(edit), isSaved });
};

/** The message is gone: what was to take the place of its words goes into the box. */
const loseMessage = (room: string, id: number): void => {
  for (const [place, { value: edit }] of edits) {
    if (edit?.room !== room || edit.id !== id) continue;
    batch(() => {
      endEdit(place, false);
      if (edit.text.trim() && edit.text !== edit.was) giveBack(place, edit.text);
    });
  }
};

/** Words that no message takes any more. */
const giveBack = (place: string, text: string): void => {
  append(place, text);
  problem.value = { key: 'problem.editDeleted' };
};

onTold((told) => {
  if (told.type !== 'editing' && told.type !== 'edited') return;
  const { key } = told;
  const mine = [...edits.values()].map(({ value }) => value).find((edit) => edit && editKey(edit) === key);
  if (!mine) return;
  if (told.type === 'editing') {
    learn(key, 'editing');
    if (!told.isAnswer) tellWindows({ type: 'editing', key, isAnswer: true });
  } else {
    learn(key, told.isSaved ? 'saved' : undefined);
    if (mine.text !== mine.was) keepEdit(mine.room, mine.id, mine.text);
  }
});

client.subscribe((event) => {
  if ('data' in event && 'deleted' in event.data && event.data.deleted) loseMessage(event.room, event.data.id);
  if (event.type !== 'refused' || event.change.type !== 'edit') return;
  const { room, message, content } = event.change;
  if (event.refusal.code === 'not_found') giveBack(room, content);
  else {
    keepEdit(room, message, content);
    problem.value = { key: 'problem.edit' };
  }
});

addEventListener('pagehide', () => {
  for (const { value: edit } of edits.values()) if (edit) tellWindows({ type: 'edited', key: editKey(edit), isSaved: false });
});
