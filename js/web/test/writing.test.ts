import { describe, expect, test } from 'vitest';
import { apart, columnsOf, tableOf } from '../src/composer/table';
import { asCode, asMention, beginMention, bytesOf, type Insertion, isInCode, suggestionsFor, trimmed } from '../src/composer/text';

/** The text after an insertion, with the caret as a bar. */
const done = (text: string, { words, from, to, caret }: Insertion): string => {
  const after = text.slice(0, from) + words + text.slice(to);
  return `${after.slice(0, caret)}|${after.slice(caret)}`;
};

test('what cannot be seen around a message is not sent, but the blanks that make its first line code are', () => {
  expect(trimmed('\n \n    code\nmore \n\n')).toBe('    code\nmore');
  expect(trimmed(' \n\t')).toBe('');
  expect(bytesOf('ä€😀  ')).toBe(9);
});

describe('code', () => {
  test('is what comes after a fence that is still open', () => {
    expect(isInCode('```\nx')).toBe(true);
    expect(isInCode('```\nx\n```\n')).toBe(false);
    expect(isInCode('````\n```\n')).toBe(true);
    expect(isInCode('~~~ts\n```\n')).toBe(true);
    expect(isInCode('   ```\n')).toBe(true);
    expect(isInCode('    ```\n')).toBe(false);
    expect(isInCode('```not `code`\n')).toBe(false);
  });

  test.each([
    ['', 0, 0, '```\n|\n```'],
    ['a b c', 2, 3, 'a \n```\nb|\n```\n c'],
    ['one\ntwo\n', 4, 8, 'one\n```\ntwo|\n```\n'],
    ['a ``` b', 0, 7, '````\na ``` b|\n````'],
  ])('is made of what is chosen: %j', (text, from, to, after) => {
    expect(done(text, asCode(text, from, to))).toBe(after);
  });
});

describe('names', () => {
  const names = ['Ann Lee', 'Anna', 'Ben', 'Léa', '李雷'];

  test('complete what is begun by any of their words', () => {
    expect(suggestionsFor('Hello @an', names)).toEqual(['Ann Lee', 'Anna']);
    expect(suggestionsFor('@le', names)).toEqual(['Ann Lee', 'Léa']);
    expect(suggestionsFor('你好@李', names)).toEqual(['李雷']);
    expect(suggestionsFor('@', names)).toEqual(names);
  });

  test('complete nothing in an address, behind a line break, or where one is written out', () => {
    expect(suggestionsFor('ann@b', names)).toEqual([]);
    expect(suggestionsFor('@an\n', names)).toEqual([]);
    expect(suggestionsFor('@ben', names)).toEqual([]);
    expect(suggestionsFor('Hello', names)).toEqual([]);
  });

  test('are at most six', () => {
    expect(
      suggestionsFor(
        '@p',
        Array.from({ length: 9 }, (_, at) => `Person ${at}`),
      ),
    ).toHaveLength(6);
  });

  test('take the place of what was begun', () => {
    expect(done('Hello @an, you', asMention('Anna', 'Hello @an'))).toBe('Hello @Anna |, you');
    expect([beginMention(''), beginMention('a '), beginMention('a\n'), beginMention('a')]).toEqual(['@', '@', '@', ' @']);
  });
});

describe('a table', () => {
  test('is what has columns in every line', () => {
    expect(columnsOf('a\tb\r\nc\td\r\n')).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ]);
    expect(columnsOf('a\tb')).toBeUndefined();
    expect(columnsOf('a\tb\nc')).toBeUndefined();
    expect(columnsOf('\tif\n\tthen')).toBeUndefined();
  });

  test('is written as Markdown, its rows as long as the longest', () => {
    expect(tableOf([['a', 'b|c'], ['d\ne']])).toBe('| a | b\\|c |\n| --- | --- |\n| d e |  |');
    expect(tableOf([['a'], ['b']])).toBeUndefined();
  });

  test('stands by itself', () => {
    expect(['', 'x', 'x\n', 'x\n\n'].map((before) => apart('T', before))).toEqual(['T\n', '\n\nT\n', '\nT\n', 'T\n']);
  });
});
