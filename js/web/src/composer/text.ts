import { begunMention, completions, isName } from '../state/mention';

/** What takes the place of a part of a text, and where the caret is afterwards. */
export interface Insertion {
  words: string;
  from: number;
  to: number;
  caret: number;
}

const maxSuggestions = 6;
const encoder = new TextEncoder();

/** Without what cannot be seen around it. The blanks of the first line stay: they may indent it, or make it code. */
export const trimmed = (text: string): string => text.replace(/^\s*\n/, '').trimEnd();

export const bytesOf = (text: string): number => encoder.encode(trimmed(text)).length;

/** Whether what comes after a text stands in a block of code. */
export const isInCode = (before: string): boolean => {
  let fence = '';
  for (const line of before.split('\n')) {
    const [, marks = '', rest = ''] = /^ {0,3}(`{3,}|~{3,})(.*)$/.exec(line) ?? [];
    if (!marks) continue;
    if (!fence) fence = marks[0] === '`' && rest.includes('`') ? '' : marks;
    else if (marks.startsWith(fence) && !rest.trim()) fence = '';
  }
  return fence !== '';
};

/** Makes what is chosen a block of code, with the caret in it. */
export const asCode = (text: string, from: number, end: number): Insertion => {
  // A chosen line break stays where it is.
  const to = end > from && text[end - 1] === '\n' ? end - 1 : end;
  const code = text.slice(from, to);
  const longest = Math.max(2, ...[...code.matchAll(/`+/g)].map(([marks]) => marks.length));
  const fence = '`'.repeat(longest + 1);
  const begin = `${from === 0 || text[from - 1] === '\n' ? '' : '\n'}${fence}\n${code}`;
  const after = `\n${fence}${to === text.length || text[to] === '\n' ? '' : '\n'}`;
  return { words: begin + after, from, to, caret: from + begin.length };
};

/** The names that complete what is begun at the end of a text; of a name that is written out none: the next Enter sends. */
export const suggestionsFor = (before: string, names: readonly string[]): string[] => {
  const begun = begunMention(before);
  if (begun === undefined) return [];
  const found = completions(begun, names).slice(0, maxSuggestions);
  return found.length === 1 && isName(begun, found[0] ?? '') ? [] : found;
};

/** Puts a name where it was begun. */
export const asMention = (name: string, before: string): Insertion => {
  const [words, from] = [`@${name} `, before.lastIndexOf('@')];
  return { words, from, to: before.length, caret: from + words.length };
};

/** Begins a name. */
export const beginMention = (before: string): string => (/(^|\s)$/.test(before) ? '@' : ' @');
