import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import type { Plugin } from 'vite';

const require = createRequire(import.meta.url);
const minCompressed = 1_024;
const worthwhile = /\.(js|css|html|svg|json)$/;

interface Emoji {
  emoji: string;
  annotation: string;
  tags?: string[];
  order: number;
}

/**
 * An emoji in its fully-qualified form, the one that keyboards give: of what is text by default, the variation selector says that it is meant as an
 * emoji, unless a skin tone does; elsewhere there is none.
 */
export const fullyQualified = (emoji: string): string => {
  const signs = [...emoji].filter((sign) => sign !== '\uFE0F');
  return signs
    .map((sign, at) =>
      /^\p{Emoji}$/u.test(sign) && !/^\p{Emoji_Presentation}$/u.test(sign) && !/^\p{EMod}$/u.test(signs[at + 1] ?? '') ? `${sign}\uFE0F` : sign,
    )
    .join('');
};

/** `virtual:emoji/en`: what the picker needs of the emoji of a language, and no more. */
export const emoji = (): Plugin => ({
  name: 'emoji',
  resolveId: (id) => (id.startsWith('virtual:emoji/') ? `\0${id}` : undefined),
  load(id) {
    if (!id.startsWith('\0virtual:emoji/')) return undefined;
    const all = require(`emoji-picker-element-data/${id.split('/').at(-1)}/cldr-native/data.json`) as Emoji[];
    const shown = all.sort((a, b) => a.order - b.order).map(({ emoji: one, annotation, tags }) => ({ emoji: fullyQualified(one), annotation, tags }));
    return `export default JSON.parse(${JSON.stringify(JSON.stringify(shown))})`;
  },
});

/** `sw.js`, which keeps the page's files so that it opens without a network. Its version is that of their contents. */
export const serviceWorker = (source: string): Plugin => ({
  name: 'service-worker',
  apply: 'build',
  generateBundle: {
    order: 'post',
    handler(_, bundle) {
      const files = Object.values(bundle)
        .filter(({ fileName }) => !fileName.includes('emoji'))
        .map(({ fileName }) => fileName)
        .filter((file) => file !== 'index.html');
      const hash = createHash('sha256');
      for (const item of Object.values(bundle)) hash.update('code' in item ? item.code : item.source);
      const code = readFileSync(source, 'utf8');
      hash.update(code);
      const words = { VERSION: JSON.stringify(hash.digest('hex').slice(0, 16)), FILES: JSON.stringify(['', 'icon.svg', ...files]) };
      this.emitFile({
        type: 'asset',
        fileName: 'sw.js',
        source: code.replace(/__(VERSION|FILES)__/g, (_all, word: keyof typeof words) => words[word]),
      });
    },
  },
});

/** Beside each file its compressed forms, made once and as small as they get. */
export const compressed = (): Plugin => ({
  name: 'compressed',
  apply: 'build',
  generateBundle: {
    order: 'post',
    handler(_, bundle) {
      for (const item of Object.values(bundle)) {
        const source = Buffer.from('code' in item ? item.code : item.source);
        if (!worthwhile.test(item.fileName) || source.length < minCompressed || item.fileName === 'index.html') continue;
        const brotli = brotliCompressSync(source, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } });
        this.emitFile({ type: 'asset', fileName: `${item.fileName}.br`, source: brotli });
        this.emitFile({ type: 'asset', fileName: `${item.fileName}.gz`, source: gzipSync(source, { level: 9 }) });
      }
    },
  },
});
