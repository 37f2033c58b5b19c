import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { storedForm } from '../src/index.js';

interface Vector {
  name: string;
  given: string;
  stored: string | null;
}

const vectors = JSON.parse(readFileSync(new URL('../../../protocol/vectors/names.json', import.meta.url), 'utf8')) as Vector[];

// What is no name is the server's to say.
test.each(vectors.filter(({ stored }) => stored !== null))('$name is written as the server does', ({ given, stored }) => {
  expect(storedForm(given)).toBe(stored);
});

test('an emoji is written as the server does', () => {
  const emoji = readFileSync(new URL('../../../src/Confab.Protocol/emoji.txt', import.meta.url), 'utf8').split('\n');
  const known = emoji.filter((one) => one && !one.startsWith('# ') && [...one].every((sign) => /[\p{Emoji}\p{Emoji_Component}]/u.test(sign)));
  expect(known.length).toBeGreaterThan(3_000);
  for (const one of known) expect(storedForm(one)).toBe(one);
});
