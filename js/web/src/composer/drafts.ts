import { type Signal, signal } from '@preact/signals';
import type { Attachment } from 'confab-client';
import { base } from '../state/base';
import { problem } from '../state/problem';
import { onTold, tellWindows } from '../state/windows';

/** A message that is answered; of one that is not at hand, only its number is known. */
export interface Answered {
  id: number;
  username?: string;
  words?: string;
}

/** A file that was uploaded; after a refusal and a reload, only its number is known. */
export interface Ready {
  id: string;
  attachment?: Attachment | undefined;
  /** When it was chosen: files go in that order. */
  at: number;
  /** Under which it was kept while it was on its way. */
  key?: string;
}

/** What is in a box and was not sent. */
export interface Draft {
  text: string;
  files: Ready[];
  reply?: Answered | undefined;
  /** How often words came into the box, or left it, that were not typed there: what the browser would undo is void. */
  version: number;
}

const none: Draft = { text: '', files: [], version: 0 };

const drafts = new Map<string, Signal<Draft>>();

const keyOf = (place: string): string => `confab${base}.draft.${place}`;

const isEmpty = ({ text, files }: Draft): boolean => !text && files.length === 0;

const parse = (kept: string | null): Draft | undefined => {
  if (kept === null) return undefined;
  try {
    return { ...none, ...(JSON.parse(kept) as Partial<Draft>) };
  } catch {
    return { ...none, text: kept };
  }
};

/** What is in a box. Each window has a draft of its own, which survives a reload; a new one begins with what was written last in any of them. */
export const draftOf = (place: string): Signal<Draft> => {
  let draft = drafts.get(place);
  if (!draft) {
    draft = signal(parse(sessionStorage.getItem(keyOf(place))) ?? parse(localStorage.getItem(keyOf(place))) ?? none);
    drafts.set(place, draft);
  }
  return draft;
};

const keep = (place: string, draft: Draft): void => {
  draftOf(place).value = draft;
  try {
    // Also that it is empty: what another window writes there is not this one's.
    sessionStorage.setItem(keyOf(place), JSON.stringify(draft));
    if (isEmpty(draft)) localStorage.removeItem(keyOf(place));
    else localStorage.setItem(keyOf(place), JSON.stringify(draft));
  } catch {
    problem.value = { key: 'problem.store' };
  }
};

/** Something was written, attached or chosen to be answered. */
export const write = (place: string, part: Partial<Draft>): void => {
  const before = draftOf(place).peek();
  const draft = { ...before, ...part };
  keep(place, draft);
  if (isEmpty(draft) && !isEmpty(before)) tellWindows({ type: 'emptied', place });
};

/** Puts words into a box, after those that are there. */
export const append = (place: string, text: string): void => {
  const before = draftOf(place).peek();
  write(place, { text: [before.text, text].filter(Boolean).join('\n'), version: before.version + 1 });
};

/** What is in a box was sent. */
export const empty = (place: string): void => {
  const sent = draftOf(place).peek();
  keep(place, { ...none, version: sent.version });
  tellWindows({ type: 'emptied', place, sent });
};

onTold((told) => {
  if (told.type !== 'emptied') return;
  const { place, sent } = told;
  const mine = draftOf(place).peek();
  if (isEmpty(mine)) return;
  const files = mine.files.filter(({ id }) => !sent?.files.some((file) => file.id === id));
  // The same words are the same draft.
  if (sent && mine.text === sent.text) keep(place, { ...none, files, version: mine.version + 1 });
  else keep(place, { ...mine, files });
});
