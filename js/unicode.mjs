// Writes what the server knows of Unicode beside the .NET runtime:
//   node unicode.mjs emoji                    Emoji sequences, from the npm package emoji-test-regex-pattern (the sequences of emoji-test.txt)
//   node unicode.mjs confusables FILE         look-alikes, from https://www.unicode.org/Public/security/latest/confusables.txt
//   node unicode.mjs check                    fails if the emoji in the repository are not those of the package
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const path = (relative) => new URL(`../src/${relative}`, import.meta.url);
const emojiFile = path('Confab.Protocol/emoji.txt');
const confusablesFile = path('Confab.Server/Rooms/confusables.txt');
const licence = '# © Unicode, Inc. Under the Unicode License v3 (https://www.unicode.org/license.txt). Made by js/unicode.mjs.';

// Of the spellings of an emoji the fully-qualified one has the most variation selectors.
const emoji = () => {
  const { version } = require('emoji-test-regex-pattern/package.json');
  const qualified = new Map();
  for (const one of readFileSync(require.resolve('emoji-test-regex-pattern/dist/latest/index-strings.txt'), 'utf8').split('\n')) {
    // Of an emoji that is one by itself the selector is left out, as it is in emoji-test.txt.
    const spelling = one.replace(/(\p{Emoji_Presentation})\uFE0F/gu, '$1');
    const plain = one.replaceAll('\uFE0F', '');
    if (one && (qualified.get(plain) ?? '').length < spelling.length) qualified.set(plain, spelling);
  }
  return `# Every emoji that is recommended for interchange (UTS #51), fully qualified; emoji-test-regex-pattern ${version}.\n${licence}\n${[...qualified.values()].join('\n')}\n`;
};

// What the compatibility decomposition changes is never looked up; what a prototype consists of may have prototypes in turn.
const confusables = (source) => {
  const version = /^# Version: (\S+)/m.exec(source)?.[1];
  const prototypes = new Map();
  for (const line of source.split('\n')) {
    const [, from, to] = /^([0-9A-F]+)\s*;\s*([0-9A-F ]+?)\s*;/.exec(line.replace('\uFEFF', '')) ?? [];
    if (from && to) prototypes.set(decode(from), decode(to));
  }
  const follow = (text) => {
    const next = [...text.normalize('NFKD')].map((sign) => prototypes.get(sign) ?? sign).join('');
    return next === text ? text : follow(next);
  };
  const groups = new Map();
  for (const from of [...prototypes.keys()].filter((sign) => sign.normalize('NFKD') === sign)) {
    const to = follow(from);
    if (to !== from) groups.set(to, [...(groups.get(to) ?? []), from]);
  }
  const lines = [...groups].map(([to, from]) => `${encode(to)} < ${encode(from.join(''))}`).sort();
  return `# What letters look like: what stands on the right looks like what stands on the left (UTS #39, confusables.txt ${version}).\n${licence}\n${lines.join('\n')}\n`;
};

const decode = (points) =>
  String.fromCodePoint(
    ...points
      .trim()
      .split(/\s+/)
      .map((point) => Number.parseInt(point, 16)),
  );
const encode = (text) => [...text].map((sign) => sign.codePointAt(0).toString(16).toUpperCase().padStart(4, '0')).join(' ');

const [what, file] = process.argv.slice(2);
if (what === 'emoji') writeFileSync(emojiFile, emoji());
else if (what === 'confusables' && file) writeFileSync(confusablesFile, confusables(readFileSync(file, 'utf8')));
else if (what === 'check' && readFileSync(emojiFile, 'utf8') !== emoji())
  throw new Error('Run `node unicode.mjs emoji`: the package has other emoji.');
