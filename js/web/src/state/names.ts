/** What is copied along with a name and seen by nobody: marks and overrides of the writing direction, joiners of words, byte order marks. */
const unseen = /[\u061C\u200B\u200E\u200F\u202A-\u202E\u2060-\u206F\uFEFF]/gu;
const impossible = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\p{Co}\uFFFD]/u;
const visible = /[^\p{Cf}\p{Mn}\p{Me}\p{Zs}\p{Cn}\u115F\u1160\u2800\u3164\uFFA0]/u;

/** The name that a text is, in the one form in which the server keeps it; undefined if it cannot be one. What nobody sees is left out. */
export const nameFrom = (text: string): string | undefined => {
  const name = text.replace(unseen, '').trim().normalize('NFC');
  return visible.test(name) && !impossible.test(name) ? name : undefined;
};
