import { ClosedError, type Event, RefusedError } from './events.js';
import {
  type AckFrame,
  type Change,
  type ErrorFrame,
  type HelloFrame,
  type JoinedFrame,
  type ServerFrame,
  type UnknownFrame,
  writeFrame,
} from './frames.js';
import { Link, type State } from './link.js';
import { Markers } from './markers.js';
import { storedForm } from './names.js';
import { type Entry, type KeyedChange, Outbox, type OutboxStore } from './outbox.js';
import { type Followed, type JoinOptions, Rooms } from './rooms.js';

export type { State };

export interface ClientOptions {
  /** The name to act under, where a join gives none. */
  username?: string;
  /** Where unanswered changes survive; else they live as long as the client. */
  store?: OutboxStore;
  /** The WebSocket to use, where the platform has none, as Node.js before 22. */
  WebSocket?: typeof WebSocket;
}

const typingMs = 2_000;
const retryMs = 250;
const retryable = new Set(['rate_limited', 'storage_unavailable', 'unavailable']);

/**
 * A client of a Confab server. It connects, follows rooms and makes changes; when the connection is lost it makes another, goes on in its rooms
 * where it was and sends again what was not answered, so that every event comes once and in order, and every change is made once.
 */
export class ConfabClient {
  private readonly outbox = new Outbox();
  private readonly rooms = new Rooms();
  private readonly markers = new Markers();
  private readonly listeners = new Set<(event: Event) => void>();
  private readonly link: Link;
  private greeting: HelloFrame | undefined;
  private isHeld = true;
  private isLoaded: Promise<void> | undefined;
  private flushing: ReturnType<typeof setTimeout> | undefined;
  private connections = 0;

  /**
   * @param url The chat, such as `wss://chat.example.org/chat`.
   * @param options How to behave.
   */
  constructor(
    url: string | URL,
    private readonly options: ClientOptions = {},
  ) {
    const Socket = options.WebSocket ?? globalThis.WebSocket;
    if (!Socket) throw new TypeError('This platform has no WebSocket: pass one in the options.');
    this.link = new Link(url, Socket, {
      received: (frame) => this.apply(frame),
      lost: (code) => this.lost(code),
      changed: (state, retryAt) => this.changed(state, retryAt),
      // Nobody knows whether a page that is not looked at will ever run again.
      hidden: () => this.flush(true),
    });
  }

  get state(): State {
    return this.link.state;
  }

  /** What the server said first on the newest connection, such as its limits. */
  get hello(): HelloFrame | undefined {
    return this.greeting;
  }

  /** The changes that were not answered, in order. */
  get pending(): KeyedChange[] {
    return this.outbox.changes;
  }

  /** The name to act under, where a join gives none. A new one holds from the next join on. */
  get username(): string | undefined {
    return this.options.username;
  }

  set username(name: string | undefined) {
    this.options.username = name;
  }

  /** Calls `listener` with everything that happens. @returns A function that ends it. */
  subscribe(listener: (event: Event) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Connects, and stays so from now on. */
  connect(): void {
    if (this.state === 'closed') throw new ClosedError('The client was closed.');
    if (this.state !== 'new') return;
    this.isLoaded = this.load();
    this.link.start();
  }

  /** Says goodbye, and ends. What was not answered fails, but stays in the store. */
  close(): void {
    this.link.stop();
  }

  /** Tries at once, if the next attempt is still to come; else makes sure that the server is there. */
  retry(): void {
    this.link.retry();
  }

  /**
   * Follows a room, until it is left. In a room that is followed already it changes how.
   * @returns The room as it stands. The same comes as an event.
   * @throws {RefusedError} There is no such room, or a name cannot be one.
   */
  join(name: string, options: JoinOptions = {}): Promise<JoinedFrame> {
    if (this.state === 'closed') return Promise.reject(new ClosedError('The client was closed.'));
    const room = this.rooms.follow(name, options);
    return new Promise((resolve, reject) => {
      room.waiting.push({ resolve, reject });
      this.sendJoin(room);
    });
  }

  /** Stops following a room. */
  leave(name: string): void {
    const room = this.rooms.find(name);
    if (!room) return;
    this.rooms.forget(room);
    for (const { reject } of room.waiting) reject(new ClosedError('The room was left.'));
    if (!this.isHeld && (room.isLive || room.joining)) this.link.send({ type: 'leave', room: room.name });
  }

  /** Posts a message. @returns Its id, once it is on disk. */
  post(room: string, content: string, options: { replyTo?: number; attachments?: string[]; id?: string } = {}): Promise<number> {
    return this.change({ type: 'message', room, content, reply_to: options.replyTo, attachments: options.attachments, id: options.id });
  }

  /** Gives one's own message other words. */
  edit(room: string, message: number, content: string): Promise<number> {
    return this.change({ type: 'edit', room, message, content });
  }

  /** Deletes one's own message. */
  delete(room: string, message: number): Promise<number> {
    return this.change({ type: 'delete', room, message });
  }

  /** Puts one emoji under a message. Events have its fully-qualified form, which may differ: ❤️ where ❤ was sent. */
  react(room: string, message: number, emoji: string): Promise<number> {
    return this.change({ type: 'react', room, message, emoji });
  }

  /** Takes one's emoji away again. */
  unreact(room: string, message: number, emoji: string): Promise<number> {
    return this.change({ type: 'unreact', room, message, emoji });
  }

  /** Pins a message in its room, for everybody. */
  pin(room: string, message: number): Promise<number> {
    return this.change({ type: 'pin', room, message });
  }

  /** Takes a pin away, whoever made it. */
  unpin(room: string, message: number): Promise<number> {
    return this.change({ type: 'unpin', room, message });
  }

  /**
   * Makes a change, now or when there is a connection.
   * @returns The number it took, once it is on disk.
   * @throws {RefusedError} It was not made.
   * @throws {ClosedError} The client was closed first; whether it was made is not known, and it stays in the store.
   */
  change(change: Change): Promise<number> {
    const keyed: KeyedChange = {
      ...change,
      id: change.id ?? newId(),
      username: change.username ?? this.rooms.find(change.room)?.options.username ?? this.options.username,
    };
    // It fails, but waits in the store: the next client over it, such as that of the page loaded anew, makes it.
    if (this.state === 'closed') {
      this.store((store) => store.add(keyed));
      return Promise.reject(new ClosedError('The client was closed.'));
    }
    const answer = new Promise<number>((resolve, reject) => {
      this.outbox.add({ change: keyed, isSent: false, failures: 0, notBefore: 0, resolve, reject });
    });
    // What is typed after it is news again.
    const room = change.type === 'message' ? this.rooms.find(change.room) : undefined;
    if (room) room.typedAt = Number.NEGATIVE_INFINITY;
    this.store((store) => store.add(keyed));
    this.flush();
    return answer;
  }

  /** Gives up a change that was not sent yet. @returns Whether it was given up; else it is on its way. */
  withdraw(id: string): boolean {
    const entry = this.outbox.find(id);
    if (!entry || entry.isSent) return false;
    this.settle(entry);
    entry.reject?.(new ClosedError('The change was withdrawn.'));
    return true;
  }

  /** Remembers how far one has read. The marker only moves forward; its last place is sent, once a second at most. */
  markRead(room: string, seq: number): void {
    this.markers.set(this.rooms.find(room)?.name ?? room, seq);
    this.flush();
  }

  /** Shows the others that one types; call it with each key. It is said every two seconds at most, and never kept for later. */
  typing(name: string): void {
    const room = this.rooms.find(name);
    const now = Date.now();
    if (!room?.isLive || this.isHeld || now - room.typedAt < typingMs) return;
    room.typedAt = now;
    this.link.send({ type: 'typing', room: room.name, username: room.options.username ?? this.options.username });
  }

  private apply(frame: ServerFrame | UnknownFrame): void {
    switch (frame.type) {
      case 'hello':
        this.greet(frame);
        break;
      case 'joined':
        this.joined(frame);
        break;
      case 'reset': {
        const room = this.rooms.find(frame.room);
        if (room) room.reset = frame;
        break;
      }
      case 'ack':
        this.acked(frame);
        break;
      case 'error':
        this.refused(frame);
        break;
      case 'closing':
        // What is sent now would not be answered.
        this.isHeld = true;
        this.link.comeBackAfter(frame.retry_after_ms);
        break;
      case 'message':
      case 'edited':
      case 'deleted':
      case 'reacted':
      case 'room_changed': {
        const room = this.rooms.find(frame.room);
        if (!room?.isLive || frame.seq <= (room.seq ?? 0)) break;
        room.seq = frame.seq;
        this.emit(frame);
        break;
      }
      case 'user_joined':
      case 'user_left':
      case 'user_list':
      case 'typing':
        if (this.rooms.find(frame.room)?.isLive) this.emit(frame);
        break;
      case 'read': {
        const room = this.rooms.find(frame.room);
        // Of the name before it says nothing about this one.
        if (!room?.isLive || frame.username !== storedForm(room.joinedAs ?? '')) break;
        this.markers.heard(room.name, frame.seq);
        this.emit(frame);
        break;
      }
      case 'unknown':
        this.emit(frame);
        break;
      case 'left':
      case 'pong':
        break;
    }
  }

  // A new connection: the rooms first, then what was not answered, each under the name under which it was written.
  private greet(hello: HelloFrame): void {
    this.greeting = hello;
    this.isHeld = false;
    this.outbox.restart();
    this.markers.restart();
    for (const room of this.rooms.values()) room.isLive = false;
    this.link.greeted();
    // Whoever was told of the connection may have joined already, or left.
    for (const room of this.rooms.values()) if (!room.joining) this.sendJoin(room);
    void this.isLoaded?.then(() => this.flush());
  }

  private sendJoin(room: Followed): void {
    if (this.isHeld || !this.greeting) return;
    const frame = this.rooms.join(room, this.greeting, this.options.username);
    // Each name has a marker of its own.
    if (room.joinedAs !== undefined && room.joinedAs !== frame.username) this.markers.forget(room.name);
    room.joinedAs = frame.username;
    this.link.send(frame);
  }

  private joined(frame: JoinedFrame): void {
    const room = this.rooms.joiningAs(frame.id);
    if (!room) return;
    room.name = frame.room;
    room.joining = undefined;
    const isFarBehind = room.seq !== undefined && frame.seq - room.seq > (room.options.catchUp ?? Number.POSITIVE_INFINITY);
    const lacksHistory = room.reset !== undefined && frame.messages === undefined && (room.options.history ?? 0) > 0;
    if (room.seq !== undefined && (lacksHistory || (isFarBehind && !room.reset))) {
      // The snapshot that is needed has the history, which a mere resumption does not ask for.
      room.reset ??= { reason: 'Too much has happened since.' };
      room.seq = undefined;
      room.isLive = false;
      this.sendJoin(room);
      return;
    }
    if (room.reset) {
      if (room.epoch !== frame.epoch) this.markers.forget(room.name);
      this.emit({ type: 'reset', room: frame.room, seq: frame.seq, epoch: frame.epoch, reason: room.reset.reason });
      room.seq = undefined;
      room.reset = undefined;
    }
    room.seq ??= frame.seq;
    room.epoch = frame.epoch;
    room.isLive = true;
    this.emit(frame);
    for (const { resolve } of room.waiting.splice(0)) resolve(frame);
  }

  private acked(frame: AckFrame): void {
    const entry = this.outbox.findSent(frame.id);
    if (entry) {
      this.settle(entry);
      this.emit({ type: 'acked', change: entry.change, seq: frame.seq });
      entry.resolve?.(frame.seq);
    }
    this.markers.answered(frame.id);
    this.flush();
  }

  private refused(frame: ErrorFrame): void {
    const refusal = new RefusedError(frame.code, frame.message);
    const isRetryable = retryable.has(frame.code);
    const wait = Math.max(frame.retry_after_ms ?? 0, retryMs);
    const entry = this.outbox.findSent(frame.id);
    const room = this.rooms.joiningAs(frame.id);
    if (entry) {
      if (isRetryable || (frame.code === 'internal' && entry.failures++ === 0)) {
        entry.isSent = false;
        entry.notBefore = Date.now() + wait;
      } else {
        this.refuse(entry, refusal);
      }
      this.flush();
    } else if (room) {
      room.joining = undefined;
      if (isRetryable) {
        const { connections } = this;
        setTimeout(() => {
          if (this.connections === connections && !room.joining && this.rooms.find(room.name) === room) this.sendJoin(room);
        }, wait);
        return;
      }
      // What changes how a room is followed may be refused: then it goes on as before.
      if (!room.isLive) this.rooms.forget(room);
      if (!room.isLive && room.waiting.length === 0) this.emit({ type: 'lost', room: room.name, refusal });
      for (const { reject } of room.waiting.splice(0)) reject(refusal);
    } else if (this.markers.refused(frame.id, isRetryable ? Date.now() + wait : undefined)) {
      this.flush();
    } else {
      this.emit(frame);
    }
  }

  private refuse(entry: Entry, refusal: RefusedError): void {
    this.outbox.remove(entry);
    // Whoever hears of it may keep it elsewhere, before it is gone here.
    this.emit({ type: 'refused', change: entry.change, refusal });
    this.store((store) => store.remove(entry.change));
    entry.reject?.(refusal);
  }

  private settle(entry: Entry): void {
    this.outbox.remove(entry);
    this.store((store) => store.remove(entry.change));
  }

  private flush(isLast = false): void {
    clearTimeout(this.flushing);
    if (this.isHeld || !this.greeting) return;
    const now = Date.now();
    for (const entry of this.outbox.ready(now)) {
      if (this.fits(entry.change)) {
        entry.isSent = true;
        this.link.send(entry.change);
      } else {
        this.refuse(entry, new RefusedError('too_long', 'The frame is longer than the server accepts.'));
      }
    }
    for (const { id, room, seq } of this.markers.take(now, isLast))
      this.link.send({ type: 'read', id, room, seq, username: this.rooms.find(room)?.options.username ?? this.options.username });
    const next = Math.min(this.outbox.nextAt(now) ?? Number.POSITIVE_INFINITY, this.markers.nextAt() ?? Number.POSITIVE_INFINITY);
    if (Number.isFinite(next)) this.flushing = setTimeout(() => this.flush(), Math.max(0, next - now));
  }

  private fits(change: KeyedChange): boolean {
    return new TextEncoder().encode(writeFrame(change)).length <= (this.greeting as HelloFrame).limits.frame_bytes;
  }

  private lost(code: number): void {
    this.isHeld = true;
    this.connections++;
    clearTimeout(this.flushing);
    for (const room of this.rooms.values()) room.joining = undefined;
    const longest = code === 1009 ? this.outbox.longestSent() : undefined;
    if (longest) this.refuse(longest, new RefusedError('too_long', 'The frame is longer than the server accepts.'));
  }

  private changed(state: State, retryAt?: number): void {
    this.emit({ type: 'state', state, retryAt });
    if (state !== 'closed') return;
    this.isHeld = true;
    clearTimeout(this.flushing);
    const error = new ClosedError('The client is closed.');
    for (const change of this.outbox.changes) this.outbox.find(change.id)?.reject?.(error);
    for (const room of this.rooms.values()) for (const { reject } of room.waiting.splice(0)) reject(error);
  }

  private async load(): Promise<void> {
    try {
      const changes = await this.options.store?.load();
      if (changes) this.outbox.addEarlier(changes);
    } catch (error) {
      this.emit({ type: 'store_failed', error });
    }
  }

  private store(act: (store: OutboxStore) => Promise<void>): void {
    if (this.options.store) act(this.options.store).catch((error: unknown) => this.emit({ type: 'store_failed', error }));
  }

  // One listener's mistake is not another's.
  private emit(event: Event): void {
    for (const listener of this.listeners) {
      try {
        listener(event);
      } catch (error) {
        setTimeout(() => {
          throw error;
        });
      }
    }
  }
}

// crypto.randomUUID is missing where a page came over plain HTTP from another machine.
const newId = (): string => [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
