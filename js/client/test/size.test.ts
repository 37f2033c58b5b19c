import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build, type Rolldown } from 'vite';
import { expect, test } from 'vitest';

const maxBytes = 8_192;

test('The client is at most 8 KiB, minified and compressed', async () => {
  const entry = fileURLToPath(new URL('../src/index.ts', import.meta.url));
  const [output] = (await build({
    configFile: false,
    logLevel: 'silent',
    build: { write: false, minify: true, lib: { entry, formats: ['es'] } },
  })) as Rolldown.RolldownOutput[];
  const code = output?.output.map((chunk) => ('code' in chunk ? chunk.code : '')).join('') ?? '';
  const bytes = gzipSync(code, { level: 9 }).length;
  console.log(`${bytes} bytes compressed`);
  expect(bytes).toBeGreaterThan(1_000);
  expect(bytes).toBeLessThanOrEqual(maxBytes);
});
