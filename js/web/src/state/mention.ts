import type { Message } from 'confab-client';

/** Whether a message means somebody: that the server says. */
export const mentions = (message: Message, name: string): boolean => message.mentions?.includes(name) === true;

const ofName = /^[\p{L}\p{N}_]/u;
const cjk = /^[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Bopomofo}\p{sc=Hangul}]/u;
const joins = /^[-.@:/]/;
const character = /^[ \t\u00a0]+|^.\p{M}*/su;

/** A text as the server compares names: the reader's language plays no part. */
export const fold = (text: string): string =>
  text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase().replaceAll('ß', 'ss').replaceAll('ς', 'σ').replaceAll('ı', 'i');

const lastOf = (text: string): string => [...text.replace(/\p{M}+$/u, '')].at(-1) ?? '';

const endsBetween = (last: string, rest: string): boolean => {
  if (ofName.test(rest)) return cjk.test(last) || cjk.test(rest) || !ofName.test(last);
  return !joins.test(rest) || !ofName.test(rest.slice(1)) || cjk.test(rest.slice(1));
};

/** How much of a text is the name that it begins with, if so. */
const lengthOf = (text: string, name: string): number | undefined => {
  const sought = fold(name);
  let folded = '';
  let length = 0;
  while (folded.length < sought.length) {
    const [next] = character.exec(text.slice(length)) ?? [];
    if (next === undefined || next === '\n') return undefined;
    folded += next.trim() ? fold(next) : ' ';
    length += next.length;
  }
  return folded === sought && endsBetween(lastOf(text.slice(0, length)), text.slice(length)) ? length : undefined;
};

const begins = (before: string): boolean => !ofName.test(before) || cjk.test(before);

/** The name that is begun at the end of a text, behind an `@`; undefined if none is. */
export const begunMention = (text: string): string | undefined => {
  const at = text.lastIndexOf('@');
  const begun = text.slice(at + 1);
  return at >= 0 && begins(lastOf(text.slice(0, at))) && !/^\s|\s$|\n/.test(begun) ? begun : undefined;
};

/** The names that may be meant by what is begun: any word of them begins so. */
export const completions = (begun: string, names: readonly string[]): string[] => {
  const sought = fold(begun.replace(/\s+/g, ' '));
  const isCjk = cjk.test(sought);
  return names.filter((name) => ` ${fold(name)}`.includes(isCjk ? sought : ` ${sought}`));
};

/** Whether a name is written out. */
export const isName = (written: string, name: string): boolean => fold(written) === fold(name);

/** Cuts a text into what mentions one of the names, and what does not. */
export const splitMentions = (content: string, names: readonly string[]): { text: string; name?: string }[] => {
  const parts: { text: string; name?: string }[] = [];
  // The longest first: of "@Ann Lee" and "@Ann" it is the former.
  const sorted = [...names].sort((a, b) => b.length - a.length);
  let from = 0;
  for (let at = content.indexOf('@'); at >= 0; at = content.indexOf('@', at + 1)) {
    const before = lastOf(content.slice(0, at));
    if (at < from || !begins(before)) continue;
    const rest = content.slice(at + 1);
    const found = sorted.map((name) => ({ name, length: lengthOf(rest, name) })).find(({ length }) => length !== undefined);
    if (!found) continue;
    if (at > from) parts.push({ text: content.slice(from, at) });
    from = at + 1 + (found.length ?? 0);
    parts.push({ text: content.slice(at, from), name: found.name });
  }
  if (from < content.length) parts.push({ text: content.slice(from) });
  return parts;
};
