import { Backoff } from './backoff.js';
import { type ClientFrame, readFrame, type ServerFrame, type UnknownFrame, writeFrame } from './frames.js';

/** How a client stands to its server. `waiting` is between two attempts. */
export type State = 'new' | 'connecting' | 'open' | 'waiting' | 'closed';

type Timer = ReturnType<typeof setTimeout>;

/** What a link tells. */
interface Owner {
  received(frame: ServerFrame | UnknownFrame): void;
  /** A connection that had begun, or an attempt at one, is over; 1006 if without a close code. */
  lost(code: number): void;
  changed(state: State, retryAt?: number): void;
  /** The page is not looked at any more. */
  hidden(): void;
}

const connectMs = 10_000;
const silenceMs = 30_000;
const pongMs = 5_000;

/**
 * One connection after the other: it connects, notices when the server is gone, waits, and connects again; at once when the platform says that
 * the network is back or the page is looked at.
 */
export class Link {
  private readonly backoff = new Backoff();
  private current: State = 'new';
  private socket: WebSocket | undefined;
  /** When the server said hello on this connection, in ms since 1970. */
  private greetedAt: number | undefined;
  private retryAfterMs = 0;
  private reconnecting: Timer | undefined;
  private watching: Timer | undefined;

  constructor(
    private readonly url: string | URL,
    private readonly Socket: typeof WebSocket,
    private readonly owner: Owner,
  ) {}

  get state(): State {
    return this.current;
  }

  start(): void {
    scope.addEventListener?.('online', this.wake);
    scope.addEventListener?.('offline', this.probe);
    scope.document?.addEventListener('visibilitychange', this.wake);
    this.open();
  }

  stop(): void {
    if (this.current === 'closed') return;
    this.drop(1000);
    clearTimeout(this.reconnecting);
    scope.removeEventListener?.('online', this.wake);
    scope.removeEventListener?.('offline', this.probe);
    scope.document?.removeEventListener('visibilitychange', this.wake);
    this.change('closed');
  }

  /** The server said hello. */
  greeted(): void {
    this.greetedAt ??= Date.now();
    this.change('open');
  }

  /** The server asked to be left alone for so long, once this connection has ended. */
  comeBackAfter(ms: number): void {
    this.retryAfterMs = ms;
  }

  /** Tries at once, if the next attempt is still to come; else makes sure that the server is there. */
  retry(): void {
    if (this.current === 'waiting') this.open();
    else this.probe();
  }

  send(frame: ClientFrame): void {
    this.socket?.send(writeFrame(frame));
  }

  private open(): void {
    clearTimeout(this.reconnecting);
    this.change('connecting');
    const socket = new this.Socket(this.url, 'confab.v1');
    this.socket = socket;
    this.retryAfterMs = 0;
    this.greetedAt = undefined;
    socket.onmessage = ({ data }) => this.receive(data);
    socket.onclose = ({ code }) => this.lost(code);
    // A close follows, with its code; but an attempt that fails ends with an error alone in Node.js, up to 22 at least.
    socket.onerror = () => {
      if (this.socket === socket && socket.readyState !== 1 && this.current === 'connecting') this.lost(1006);
    };
    this.watch(connectMs, () => this.lost(1006));
  }

  private receive(data: unknown): void {
    this.watch(silenceMs, this.probe);
    let frame: ServerFrame | UnknownFrame;
    try {
      frame = readFrame(String(data));
    } catch {
      this.lost(1002);
      return;
    }
    this.owner.received(frame);
  }

  private lost(code: number): void {
    // A script may close with 1000 or an application's code only.
    this.drop(code === 1002 ? 4002 : 1000);
    // An attempt that nobody answered was no connection, however long it took.
    this.backoff.lasted(this.greetedAt === undefined ? 0 : Date.now() - this.greetedAt);
    this.owner.lost(code);
    const wait = this.backoff.after(code, Math.random());
    if (wait === undefined) {
      this.stop();
      return;
    }
    const ms = wait + this.retryAfterMs;
    this.reconnecting = setTimeout(() => this.open(), ms);
    this.change('waiting', Date.now() + ms);
  }

  // A browser may take minutes to tell that a connection without a network is closed: it is not waited for.
  private drop(code: number): void {
    clearTimeout(this.watching);
    const { socket } = this;
    this.socket = undefined;
    if (!socket) return;
    socket.onmessage = null;
    socket.onclose = null;
    socket.close(code);
  }

  private watch(ms: number, then: () => void): void {
    clearTimeout(this.watching);
    this.watching = setTimeout(then, ms);
  }

  // Pings of the server are out of a script's sight, so silence is asked about.
  private readonly probe = (): void => {
    if (this.current !== 'open') return;
    this.send({ type: 'ping' });
    this.watch(pongMs, () => this.lost(1006));
  };

  private readonly wake = (): void => {
    if (scope.document?.visibilityState === 'hidden') this.owner.hidden();
    else this.retry();
  };

  private change(state: State, retryAt?: number): void {
    this.current = state;
    this.owner.changed(state, retryAt);
  }
}

// A page has all of these, other platforms may have none.
const scope = globalThis as unknown as Partial<Pick<Window, 'addEventListener' | 'removeEventListener' | 'document'>>;
