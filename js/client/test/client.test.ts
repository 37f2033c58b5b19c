import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { ClosedError, ConfabClient, type KeyedChange, type OutboxStore, RefusedError } from '../src/index.js';
import { Server } from './server.js';

let server: Server;
beforeEach(async () => {
  server = await Server.start('--limits=off', '--Confab:ReconnectSpreadMs=50');
});
afterEach(async () => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  await server.stop();
});

class MemoryStore implements OutboxStore {
  readonly changes: KeyedChange[] = [];
  load = async () => [...this.changes];
  add = async (change: KeyedChange) => {
    this.changes.push(change);
  };
  remove = async (change: KeyedChange) => {
    const at = this.changes.findIndex(({ id }) => id === change.id);
    if (at >= 0) this.changes.splice(at, 1);
  };
}

test('Two people talk, edit, react and delete', async () => {
  const ann = server.client('ann');
  const bob = server.client('bob');
  await ann.client.join('general', { history: 10 });
  await bob.client.join('general', { history: 10 });
  await ann.until(() => ann.of('user_joined').some(({ users }) => users?.includes('bob')));

  const id = await ann.client.post('general', 'hi');
  const answer = await bob.client.post('general', 'hello', { replyTo: id });
  await ann.client.edit('general', id, 'hi all');
  await bob.client.react('general', id, '👍');
  await bob.client.unreact('general', id, '👍');
  expect(await bob.client.delete('general', answer)).toBe(6);

  await ann.until(() => ann.of('deleted').length === 1);
  const log = (events: typeof ann) =>
    events.events.filter((event) => 'data' in event).map((event) => ('seq' in event ? [event.type, event.seq] : []));
  expect(log(ann)).toEqual([
    ['message', 1],
    ['message', 2],
    ['edited', 3],
    ['reacted', 4],
    ['reacted', 5],
    ['deleted', 6],
  ]);
  await bob.until(() => bob.of('deleted').length === 1);
  expect(log(bob)).toEqual(log(ann));
  expect(ann.of('message')[1]?.data).toMatchObject({ id: 2, username: 'bob', content: 'hello', reply_to: 1 });
});

test('An ack comes before the event of the same number', async () => {
  const ann = server.client('ann');
  await ann.client.join('general');
  await ann.client.post('general', 'hi');
  await ann.until(() => ann.of('message').length === 1);
  expect(ann.events.findIndex(({ type }) => type === 'acked')).toBeLessThan(ann.events.findIndex(({ type }) => type === 'message'));
});

test('What waits is sent under the name under which it was written, and stored once', async () => {
  // The first was stored, and its answer lost; the second was never sent. Since then the person has another name.
  const change = (id: string): KeyedChange => ({ type: 'message', id, room: 'general', username: 'ann', content: id });
  const before = server.client();
  await before.client.change(change('first'));
  const store = new MemoryStore();
  store.changes.push(change('first'), change('second'));
  const anna = server.client('anna', { store });
  await anna.client.join('general', { username: 'anna' });
  await anna.until(() => anna.of('acked').length === 2);
  await anna.client.post(' general', 'third');
  const log = (await server.get('/api/rooms/general/messages')) as { username: string; content: string }[];
  expect(log.map(({ username, content }) => [username, content])).toEqual([
    ['ann', 'first'],
    ['ann', 'second'],
    ['anna', 'third'],
  ]);
});

test('Typing is told to the others, every two seconds at most', async () => {
  const ann = server.client('ann');
  const bob = server.client('bob');
  await ann.client.join('general');
  await bob.client.join('general');
  for (let key = 0; key < 10; key++) bob.client.typing('general');
  await bob.client.post('general', 'done');
  await ann.until(() => ann.of('message').length === 1);
  expect(ann.of('typing')).toEqual([{ type: 'typing', room: 'general', username: 'bob' }]);
  expect(bob.of('typing')).toEqual([]);
});

test('A read marker only moves forward, and comes back with the room', async () => {
  const ann = server.client('ann');
  await ann.client.join('general');
  for (const text of ['a', 'b', 'c']) await ann.client.post('general', text);
  ann.client.markRead('general', 2);
  ann.client.markRead('general', 1);
  await ann.client.post('general', 'd');
  expect((await server.client('ann').client.join('general')).read).toBe(2);
});

test('What is read on one connection is told on the others of the name, and of nobody else', async () => {
  const [phone, desk, bob] = [server.client('ann'), server.client('ann'), server.client('bob')];
  for (const { client } of [phone, desk, bob]) await client.join('general');
  const at = await bob.client.post('general', 'hi');
  phone.client.markRead('general', at);
  await desk.until(() => desk.of('read').length === 1);
  expect(desk.of('read')).toEqual([{ type: 'read', room: 'general', username: 'ann', seq: at }]);

  // The desk need not say so again; and what it says further on, the phone hears.
  desk.client.markRead('general', at);
  const next = await bob.client.post('general', 'ho');
  desk.client.markRead('general', next);
  await phone.until(() => phone.of('read').length === 1);
  expect(phone.of('read')).toMatchObject([{ seq: next }]);
  expect(desk.of('read').length).toBe(1);
  expect(bob.of('read')).toEqual([]);
});

test('What is refused is told with its code', async () => {
  const ann = server.client('ann');
  await expect(ann.client.join('nowhere')).rejects.toMatchObject({ code: 'not_found' });
  await ann.client.join('general');
  await expect(ann.client.post('general', '   ')).rejects.toMatchObject({ code: 'empty' });
  await expect(ann.client.post('general', 'x'.repeat(20_000))).rejects.toMatchObject({ code: 'too_long' });
  await expect(ann.client.post('general', 'x'.repeat(70_000))).rejects.toBeInstanceOf(RefusedError);
  expect(await ann.client.post('general', 'still here')).toBe(1);
  expect(ann.of('refused').map(({ refusal }) => refusal.code)).toEqual(['empty', 'too_long', 'too_long']);
  expect(ann.of('state').map(({ state }) => state)).toEqual(['connecting', 'open']);
});

test('A name that cannot be one changes nothing in a room that is followed', async () => {
  const ann = server.client('ann');
  await ann.client.join('general');
  await expect(ann.client.join('general', { username: '\u202e' })).rejects.toMatchObject({ code: 'bad_request' });
  await ann.client.join('general', { username: 'Ann' });
  await ann.client.post('general', 'still here');
  await ann.until(() => ann.of('message').length === 1);
  expect(ann.of('message')[0]?.data.username).toBe('Ann');
});

test('A room that was left tells nothing more', async () => {
  const ann = server.client('ann');
  await ann.client.join('general');
  ann.client.leave('general');
  await ann.client.join('random');
  await server.client('bob').client.post('general', 'anybody?');
  await ann.client.post('random', 'here');
  await ann.until(() => ann.of('message').length === 1);
  expect(ann.of('message')[0]?.room).toBe('random');
});

test('A name is followed in the form that the server gives it', async () => {
  await fetch(`http://127.0.0.1:${server.port}/api/rooms`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ name: 'café' }),
  });
  const ann = server.client('ann');
  const joined = await ann.client.join(' café ');
  expect(joined.room).toBe('café');
  await ann.client.post(' café ', 'hi');
  await ann.until(() => ann.of('message').length === 1);
});

test('After a crash everything is there once, in order, for everybody', async () => {
  const observers = ['ann', 'bob', 'cat'].map((name) => server.client(name));
  for (const { client } of observers) await client.join('general', { history: 0 });
  const acked: Promise<number>[] = [];
  for (let round = 0; round < 5; round++) {
    for (let n = 0; n < 40; n++) for (const { client } of observers) acked.push(client.post('general', `${client.username} ${round}/${n}`));
    await Promise.race(acked.slice(-60));
    await server.kill();
    await server.start();
    for (const { client } of observers) client.retry();
  }
  const numbers = await Promise.all(acked);
  expect(new Set(numbers).size).toBe(600);
  expect(Math.max(...numbers)).toBe(600);
  const last = (observer: (typeof observers)[0]) => observer.of('message').at(-1)?.seq;
  for (const observer of observers) {
    await observer.until(() => last(observer) === 600);
    expect(observer.of('message').map(({ seq }) => seq)).toEqual(Array.from({ length: 600 }, (_, n) => n + 1));
  }
  const told = observers.map((observer) => observer.of('message').map(({ data }) => data.content));
  expect(told[1]).toEqual(told[0]);
  expect(told[2]).toEqual(told[0]);
  for (const name of ['ann', 'bob', 'cat']) {
    const mine = told[0]?.filter((content) => content.startsWith(name));
    const sent = Array.from({ length: 5 }, (_, round) => Array.from({ length: 40 }, (_, n) => `${name} ${round}/${n}`)).flat();
    expect(mine).toEqual(sent);
  }
});

test('What was written without a connection goes out later, also from another client over the same store', async () => {
  const store = new MemoryStore();
  const ann = server.client('ann', { store });
  await ann.client.join('general');
  await server.kill();
  const lost = [ann.client.post('general', 'one'), ann.client.post('general', 'two')].map((posted) => posted.catch((error: unknown) => error));
  await ann.until(() => ann.client.state === 'waiting');
  ann.client.close();
  for (const error of await Promise.all(lost)) expect(error).toBeInstanceOf(ClosedError);
  await expect(ann.client.post('general', 'at the end')).rejects.toThrow(ClosedError);
  expect(store.changes.map((change) => 'content' in change && change.content)).toEqual(['one', 'two', 'at the end']);

  await server.start();
  const again = server.client('ann', { store });
  await again.client.post('general', 'three');
  const stored = (await server.get('/api/rooms/general/messages')) as { content: string }[];
  expect(stored.map(({ content }) => content)).toEqual(['one', 'two', 'at the end', 'three']);
  expect(store.changes).toEqual([]);
});

test('What was withdrawn before it was sent is never sent', async () => {
  const ann = server.client('ann');
  await ann.client.join('general');
  await server.kill();
  await ann.until(() => ann.client.state !== 'open');
  const withdrawn = ann.client.change({ type: 'message', id: 'w', room: 'general', content: 'no' }).catch((error: unknown) => error);
  const sent = ann.client.post('general', 'yes');
  expect(ann.client.withdraw('w')).toBe(true);
  expect(await withdrawn).toBeInstanceOf(ClosedError);
  await server.start();
  ann.client.retry();
  expect(await sent).toBe(1);
});

test('Another history voids what was known, and comes with its own', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] }); // it comes back when told to
  const ann = server.client('ann');
  await ann.client.join('general', { history: 50 });
  await ann.client.post('general', 'old');
  await server.kill();
  await ann.until(() => ann.client.state === 'waiting');
  server.forget();
  await server.start();
  await server.client('bob').client.post('general', 'new');
  ann.client.retry();
  await ann.until(() => ann.of('joined').length === 2);
  expect(ann.events.filter(({ type }) => type === 'reset' || type === 'joined').map(({ type }) => type)).toEqual(['joined', 'reset', 'joined']);
  expect(ann.of('joined')[1]?.messages?.map(({ content }) => content)).toEqual(['new']);
  await server.client('bob').client.post('general', 'newer');
  await ann.until(() => ann.of('message').some(({ data }) => data.content === 'newer'));
  expect(ann.of('message').map(({ seq }) => seq)).toEqual([1, 2]);
});

test('Who is further behind than wanted starts again from the history', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] }); // it comes back when told to
  const ann = server.client('ann');
  await ann.client.join('general', { history: 3, catchUp: 5 });
  await server.kill();
  await ann.until(() => ann.client.state === 'waiting');
  await server.start();
  const bob = server.client('bob');
  for (let n = 1; n <= 10; n++) await bob.client.post('general', `${n}`);
  ann.client.retry();
  await ann.until(() => ann.of('joined').length === 2);
  expect(ann.of('reset')).toHaveLength(1);
  expect(ann.of('joined')[1]?.messages?.map(({ id }) => id)).toEqual([8, 9, 10]);
  expect(ann.of('message')).toEqual([]);
  await bob.client.post('general', '11');
  await ann.until(() => ann.of('message').length === 1);
  expect(ann.of('message')[0]?.seq).toBe(11);
});

test('It resumes where another client was', async () => {
  const bob = server.client('bob');
  for (const text of ['a', 'b', 'c']) await bob.client.post('general', text);
  const { epoch } = await bob.client.join('general');
  const ann = server.client('ann');
  await ann.client.join('general', { after: 1, epoch });
  await ann.until(() => ann.of('message').length === 2);
  expect(ann.of('message').map(({ data }) => data.content)).toEqual(['b', 'c']);
});

test('A server that stops tells when to come back', async () => {
  const ann = server.client('ann');
  await ann.client.join('general');
  server.signal('SIGTERM');
  await ann.until(() => ann.client.state === 'waiting');
  const posted = ann.client.post('general', 'afterwards');
  await server.kill();
  await server.start();
  expect(await posted).toBe(1);
});

test('A network that is back, or a page that is looked at, wakes it at once', async () => {
  const page = new EventTarget();
  const document = Object.assign(new EventTarget(), { visibilityState: 'visible' });
  vi.stubGlobal('addEventListener', page.addEventListener.bind(page));
  vi.stubGlobal('document', document);
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
  const ann = server.client('ann');
  const states = () => ann.of('state').map(({ state }) => state);
  await ann.until(() => ann.client.state === 'open');
  await server.kill();
  await ann.until(() => ann.client.state === 'waiting');
  await server.start();
  expect(states()).toEqual(['connecting', 'open', 'waiting']);
  page.dispatchEvent(new globalThis.Event('online'));
  await ann.until(() => ann.client.state === 'open');

  await server.kill();
  await ann.until(() => ann.client.state === 'waiting');
  await server.start();
  document.visibilityState = 'hidden';
  document.dispatchEvent(new globalThis.Event('visibilitychange'));
  expect(ann.client.state).toBe('waiting');
  document.visibilityState = 'visible';
  document.dispatchEvent(new globalThis.Event('visibilitychange'));
  expect(ann.client.state).toBe('connecting');
  await ann.until(() => ann.client.state === 'open');
});

test('A server that falls silent is given up, and found again', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
  const ann = server.client('ann');
  await ann.client.join('general');
  server.signal('SIGSTOP');
  vi.advanceTimersByTime(30_000);
  expect(ann.client.state).toBe('open');
  vi.advanceTimersByTime(5_000);
  expect(ann.client.state).toBe('waiting');
  server.signal('SIGCONT');
  vi.advanceTimersByTime(1_000);
  await ann.until(() => ann.of('joined').length === 2);
  expect(ann.client.state).toBe('open');
});

test('A server that takes connections and says nothing is tried less and less often', async () => {
  const silent = createServer((socket) => sockets.push(socket));
  const sockets: Socket[] = [];
  silent.listen(0, '127.0.0.1');
  await once(silent, 'listening');
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
  vi.spyOn(Math, 'random').mockReturnValue(1);
  const client = new ConfabClient(`ws://127.0.0.1:${(silent.address() as AddressInfo).port}/chat`, {
    WebSocket: WebSocket as unknown as typeof globalThis.WebSocket,
  });
  const waits: number[] = [];
  client.subscribe((event) => {
    if (event.type === 'state' && event.state === 'waiting') waits.push((event.retryAt ?? 0) - Date.now());
  });
  client.connect();
  for (let attempt = 0; attempt < 4; attempt++) {
    vi.advanceTimersByTime(10_000);
    vi.advanceTimersByTime(waits.at(-1) ?? 0);
  }
  expect(waits).toEqual([250, 500, 1_000, 2_000]);
  client.close();
  for (const socket of sockets) socket.destroy();
  silent.close();
});

test('Another history and another name begin with a marker of their own', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] }); // it comes back when told to
  const ann = server.client('ann');
  const readAs = async (username: string) => {
    const { read } = await server.client(username).client.join('general');
    return read;
  };
  await ann.client.join('general');
  for (const text of ['a', 'b', 'c']) await ann.client.post('general', text);
  ann.client.markRead('general', 3);
  await ann.client.post('general', 'd');
  expect(await readAs('ann')).toBe(3);
  ann.client.username = 'anna';
  await ann.client.join('general');
  ann.client.markRead('general', 2);
  await ann.client.post('general', 'e');
  expect(await readAs('anna')).toBe(2);

  await server.kill();
  await ann.until(() => ann.client.state === 'waiting');
  server.forget();
  await server.start();
  ann.client.retry();
  await ann.until(() => ann.of('reset').length === 1 && ann.client.state === 'open');
  await ann.client.post('general', 'new');
  ann.client.markRead('general', 1);
  await ann.client.post('general', 'newer');
  expect(await readAs('anna')).toBe(1);
});

test('A listener that fails disturbs no other', async () => {
  const failures: unknown[] = [];
  const ann = server.client('ann');
  vi.stubGlobal('setTimeout', (act: () => void) => {
    try {
      act();
    } catch (error) {
      failures.push(error);
    }
    return 0;
  });
  const heard: string[] = [];
  ann.client.subscribe(() => {
    throw new Error('mine');
  });
  ann.client.subscribe(({ type }) => heard.push(type));
  ann.client.close();
  expect(heard).toEqual(['state']);
  expect(failures).toEqual([new Error('mine')]);
});

test('An attempt that ends with an error alone, as in Node.js, is over', async () => {
  class Undici extends WebSocket {
    constructor(url: string, protocol: string) {
      super(url, protocol);
      this.once('error', () => this.removeAllListeners('close'));
    }
  }
  await server.kill();
  // No time passes: nothing but the error can tell.
  vi.useFakeTimers({ toFake: ['setTimeout'] });
  const ann = server.client('ann', { WebSocket: Undici as unknown as typeof globalThis.WebSocket });
  await ann.until(() => ann.client.state === 'waiting');
});
