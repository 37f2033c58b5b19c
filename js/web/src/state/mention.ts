const letter = /[\p{L}\p{N}_]/u;

/** Where a text mentions a name as `@name`, whatever the case: the first index of `@`, or -1. */
const mentionIn = (content: string, name: string, from = 0): number => {
  if (!name) return -1;
  const text = content.toLocaleLowerCase();
  const sought = `@${name.toLocaleLowerCase()}`;
  for (let at = text.indexOf(sought, from); at >= 0; at = text.indexOf(sought, at + 1)) {
    const before = [...text.slice(Math.max(0, at - 2), at)].at(-1) ?? ' ';
    const after = [...text.slice(at + sought.length, at + sought.length + 2)][0] ?? ' ';
    if (!letter.test(before) && !letter.test(after)) return at;
  }
  return -1;
};

export const mentions = (content: string, name: string): boolean => mentionIn(content, name) >= 0;

/** Cuts a text into what mentions one of the names, and what does not. */
export const splitMentions = (content: string, names: string[]): { text: string; name?: string }[] => {
  const parts: { text: string; name?: string }[] = [];
  // The longest first: of "@Ann Lee" and "@Ann" it is the former.
  const sorted = [...names].sort((a, b) => b.length - a.length);
  let rest = content;
  while (rest.includes('@')) {
    const found = sorted
      .map((name) => ({ name, at: mentionIn(rest, name) }))
      .filter(({ at }) => at >= 0)
      .sort((a, b) => a.at - b.at)[0];
    if (!found) break;
    if (found.at > 0) parts.push({ text: rest.slice(0, found.at) });
    const end = found.at + 1 + found.name.length;
    parts.push({ text: rest.slice(found.at, end), name: found.name });
    rest = rest.slice(end);
  }
  if (rest) parts.push({ text: rest });
  return parts;
};
