import { storedForm } from 'confab-client';

/** What is copied along with a name and seen by nobody, and what the server refuses: marks and overrides of the writing direction. */
const unseen = /\p{Bidi_Control}/gu;
const impossible = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\p{Co}\uFFFD]/u;
const visible = /[^\p{Cf}\p{Mn}\p{Me}\p{Zs}\p{Cn}]|\p{Extended_Pictographic}/u;

/** The name that a text is, in the one form in which the server keeps it; undefined if it cannot be one. What nobody sees is left out. */
export const nameFrom = (text: string): string | undefined => {
  const name = storedForm(text.replace(unseen, ''));
  return visible.test(name) && !impossible.test(name) ? name : undefined;
};
