import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { Server } from './server.js';

test('What the README shows works', async () => {
  const server = await Server.start();
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const code = /```ts\n([\s\S]*?)```/.exec(readme)?.[1] ?? '';
  const example = fileURLToPath(new URL('./readme.example.ts', import.meta.url));
  const said = vi.spyOn(console, 'log').mockImplementation(() => {});
  vi.stubGlobal('WebSocket', WebSocket);
  writeFileSync(example, code.replace("'confab-client'", "'../src/index.js'").replace('ws://localhost:9292/chat', server.chat));
  try {
    await import(/* @vite-ignore */ example);
    expect(said.mock.calls.flat()).toEqual(['0 messages so far', 'ann: hi all']);
    expect(await server.get('/api/rooms/general/messages/1')).toMatchObject({ username: 'ann', reactions: [{ emoji: '👋' }] });
  } finally {
    rmSync(example);
    await server.stop();
  }
});
