import { keyName } from '../state/text';

/** What a button is called that shows no words: to a screen reader, and to a pointer that rests on it, with the key that does the same. */
export const named = (label: string, ...keys: string[]): { 'aria-label': string; title: string } => ({
  'aria-label': label,
  title: keys.length > 0 ? `${label} (${keys.map(keyName).join(' ')})` : label,
});
