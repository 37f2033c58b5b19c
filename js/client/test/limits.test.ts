import { expect, test } from 'vitest';
import { Server } from './server.js';

test('Messages keep their order when some are refused for coming too fast', async () => {
  const server = await Server.start('--Confab:Limits:MessagesPerSecond=40', '--Confab:Limits:MessageBurst=5');
  try {
    const ann = server.client('ann');
    await ann.client.join('general');
    const posted = Array.from({ length: 30 }, (_, n) => ann.client.post('general', `${n}`));
    expect(await Promise.all(posted)).toEqual(Array.from({ length: 30 }, (_, n) => n + 1));
    expect(ann.of('refused')).toEqual([]);
  } finally {
    await server.stop();
  }
});
