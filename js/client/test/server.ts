import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { WebSocket } from 'ws';
import { type ClientOptions, ConfabClient, type Event } from '../src/index.js';

const dll = process.env.CONFAB_SERVER ?? fileURLToPath(new URL('../../../src/Confab.Server/bin/Release/net10.0/Confab.Server.dll', import.meta.url));

/** The real server in a process of its own, which can be killed and frozen; its address and its directory outlive it. */
export class Server {
  private process: ChildProcess | undefined;
  private data = mkdtempSync(join(tmpdir(), 'confab-js-'));
  private readonly clients: ConfabClient[] = [];

  private constructor(
    readonly port: number,
    private readonly options: string[],
  ) {}

  static async start(...options: string[]): Promise<Server> {
    const server = new Server(await freePort(), options);
    await server.start();
    return server;
  }

  get chat(): string {
    return `ws://127.0.0.1:${this.port}/chat`;
  }

  async start(): Promise<void> {
    const started = spawn('dotnet', [dll, `--urls=http://127.0.0.1:${this.port}`, `--data=${this.data}`, ...this.options], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.process = started;
    for await (const line of createInterface({ input: started.stdout })) if (line.startsWith('WebSocket server running')) return;
    throw new Error('The server did not start.');
  }

  signal(name: NodeJS.Signals): void {
    this.process?.kill(name);
  }

  /** Ends it as a power cut would. */
  async kill(): Promise<void> {
    if (!this.process || this.process.exitCode !== null || this.process.signalCode !== null) return;
    const ended = once(this.process, 'exit');
    this.signal('SIGKILL');
    await ended;
  }

  /** Another history: what a restored backup is to its clients. */
  forget(): void {
    rmSync(this.data, { recursive: true });
    this.data = mkdtempSync(join(tmpdir(), 'confab-js-'));
  }

  async stop(): Promise<void> {
    for (const client of this.clients) client.close();
    await this.kill();
    rmSync(this.data, { recursive: true, force: true });
  }

  client(username?: string, options: ClientOptions = {}): Observer {
    const client = new ConfabClient(this.chat, { username, WebSocket: WebSocket as unknown as typeof globalThis.WebSocket, ...options });
    this.clients.push(client);
    return new Observer(client);
  }

  async get(path: string): Promise<unknown> {
    return (await fetch(`http://127.0.0.1:${this.port}${path}`)).json();
  }
}

type Typed<E extends { type: string }, T> = E extends unknown ? (T extends E['type'] ? E : never) : never;

/** A client and everything it told. */
export class Observer {
  readonly events: Event[] = [];
  private readonly looks = new Set<() => void>();

  constructor(readonly client: ConfabClient) {
    client.subscribe((event) => {
      this.events.push(event);
      for (const look of this.looks) look();
    });
    client.connect();
  }

  of<T extends Event['type']>(type: T): Typed<Event, T>[] {
    return this.events.filter((event) => event.type === type) as Typed<Event, T>[];
  }

  /** Waits until what it was told fulfils a condition. The test's own time limit is the deadline. */
  until(condition: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
        if (!condition()) return;
        this.looks.delete(look);
        resolve();
      };
      this.looks.add(look);
      look();
    });
  }
}

async function freePort(): Promise<number> {
  const probe = createServer();
  probe.listen(20_000 + Math.floor(Math.random() * 12_000), '127.0.0.1');
  try {
    await once(probe, 'listening');
  } catch {
    return freePort();
  }
  const { port } = probe.address() as { port: number };
  probe.close();
  await once(probe, 'close');
  return port;
}
