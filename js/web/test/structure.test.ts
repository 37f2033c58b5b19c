import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { expect, test } from 'vitest';

const src = join(import.meta.dirname, '../src');

/** What each part of the page may import from, its own files aside; every part may have the state. */
const floors: Record<string, readonly string[]> = {
  state: ['locales'],
  parts: [],
  composer: ['parts'],
  message: ['parts', 'composer'],
  search: ['parts'],
  room: ['parts', 'composer', 'message'],
  thread: ['parts', 'composer', 'message'],
  shell: ['parts', 'composer', 'message', 'search', 'room', 'thread'],
};

/** What a feature shows to others; the rest is its own. */
const doors: Record<string, readonly string[]> = {
  composer: ['begin.ts', 'Composer.tsx', 'drop.tsx', 'uploads.ts'],
  message: ['copy.ts', 'keys.ts', 'MessageItem.tsx', 'press.ts', 'reading.ts', 'scroll.ts', 'state.ts'],
  search: ['Search.tsx'],
  room: ['Archive.tsx', 'Conversation.tsx'],
  thread: ['ThreadPane.tsx', 'close.ts'],
};

const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((file) => /\.tsx?$/.test(file));

const imports = files.flatMap((file) =>
  [...readFileSync(join(src, file), 'utf8').matchAll(/(?:from|import)\s*\(?\s*'(\.[^']*)'/g)].map(([, path = '']) => {
    const to = normalize(join(dirname(file), path));
    return { file, to: files.find((known) => known === `${to}.ts` || known === `${to}.tsx`) ?? to };
  }),
);

const partOf = (file: string): string => (file.includes('/') ? (file.split('/')[0] ?? '') : 'main');

const across = imports.filter(({ file, to }) => partOf(file) !== 'main' && partOf(file) !== partOf(to) && partOf(file) !== 'locales');

test('Every part of the page imports only from those below it', () => {
  expect(across.length).toBeGreaterThan(100);
  expect(across.filter(({ file, to }) => partOf(to) !== 'state' && !floors[partOf(file)]?.includes(partOf(to)))).toEqual([]);
});

test('No feature reaches into another past what that shows, and it shows nothing that nobody needs', () => {
  const shown = (to: string): boolean => doors[partOf(to)]?.includes(relative(partOf(to), to)) ?? true;
  expect(across.filter(({ to }) => !shown(to))).toEqual([]);
  const all = Object.entries(doors).flatMap(([part, names]) => names.map((name) => join(part, name)));
  expect(all.filter((door) => !imports.some(({ file, to }) => to === door && partOf(file) !== partOf(door)))).toEqual([]);
});
