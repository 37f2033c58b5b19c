import { computed, signal } from '@preact/signals';
import type { JoinedFrame, Message, MessageEvent, PresenceFrame, RoomChangedEvent } from 'confab-client';
import { messages as fetchPage, type RoomSummary } from './api';
import { type CachedRoom, cacheRoom } from './cache';
import { mentions } from './mention';
import { Replies } from './replies';
import { settings } from './settings';
import type { Thread } from './thread';
import { put, Timeline } from './timeline';

const keptMessages = 50;
const countedUnread = 100;
const typingMs = 5_000;
const cacheMs = 1_500;

/** A room as this person knows it. What is unread follows from the messages and the read marker; nothing is counted up. */
export class Room {
  readonly topic = signal('');
  /** The ids of the pinned messages, in the order in which they were pinned. */
  readonly pins = signal<readonly number[]>([]);
  readonly count = signal(0);
  readonly users = signal<string[] | undefined>(undefined);
  readonly typing = signal<string[]>([]);
  readonly last = signal<Message | undefined>(undefined);
  /** How far one has read. */
  readonly read = signal(0);
  /** After which message the line "new since" stands, as long as the room is open. */
  readonly line = signal<number | undefined>(undefined);
  readonly replies = new Replies();
  /** The threads that somebody looks at. */
  readonly threads = new Set<Thread>();
  readonly timeline = new Timeline((query) => this.fetch(query));
  readonly unread = computed(() => this.later.value.filter((message) => message.id > this.read.value && isForMe(message)));
  readonly mentioned = computed(() => this.unread.value.filter(({ content }) => mentions(content, settings.value.name)).length);
  readonly hasMoreUnread = signal(false);

  isFollowed = false;
  /** Whether somebody looks at its end: what comes there is read. */
  isWatched = false;

  /** The last number that was applied, and the epoch it belongs to. */
  seq: number | undefined;
  epoch: string | undefined;

  /** Messages after the read marker, as far as they are counted. */
  private readonly later = signal<readonly Message[]>([]);
  private newest: readonly Message[] = [];
  private isJoined = false;
  private join: (() => void) | undefined;
  private readonly whenJoined = new Promise<void>((resolve) => {
    this.join = resolve;
  });
  private readonly fetches = new Set<Map<number, Message>>();
  private readonly typists = new Map<string, ReturnType<typeof setTimeout>>();
  private caching: ReturnType<typeof setTimeout> | undefined;

  constructor(readonly name: string) {}

  static fromCache(cached: CachedRoom): Room {
    const room = new Room(cached.name);
    room.topic.value = cached.topic;
    room.pins.value = cached.pins ?? [];
    room.seq = cached.seq;
    room.epoch = cached.epoch;
    room.read.value = cached.read;
    room.last.value = cached.last;
    room.newest = cached.messages;
    room.replies.learn(cached.messages);
    room.later.value = cached.messages.filter(({ id }) => id > cached.read);
    if (cached.messages.length > 0) room.timeline.begin(cached.messages, (cached.messages[0]?.id ?? 1) > 1);
    return room;
  }

  describe(summary: RoomSummary): void {
    this.topic.value = summary.topic;
    if (!this.isJoined) this.count.value = summary.present;
    if (summary.last_message && summary.last_message.id >= (this.last.peek()?.id ?? 0)) this.last.value = summary.last_message;
  }

  /** What was known of it is void. */
  reset(): void {
    this.seq = undefined;
    this.epoch = undefined;
    this.newest = [];
    this.later.value = [];
    this.last.value = undefined;
    this.read.value = 0;
    this.timeline.clear();
    this.replies.clear();
    for (const thread of this.threads) thread.reset();
  }

  joined(frame: JoinedFrame): void {
    this.isJoined = true;
    this.join?.();
    this.count.value = frame.count;
    this.users.value = frame.users;
    this.pins.value = frame.pins ?? [];
    // Nobody has everything unread who comes for the first time.
    this.read.value = Math.max(this.read.peek(), frame.read ?? (this.seq === undefined ? frame.seq : 0));
    const isResumed = this.seq !== undefined;
    this.seq ??= frame.seq;
    this.epoch = frame.epoch;
    if (frame.messages) {
      this.newest = frame.messages;
      this.replies.learn(frame.messages);
      this.last.value = frame.messages.at(-1);
      this.timeline.begin(frame.messages, (frame.messages[0]?.id ?? 1) > 1);
    }
    if (!isResumed) void this.countUnread();
    this.cache();
  }

  /** The room itself changed. */
  changed({ seq, data }: RoomChangedEvent): void {
    this.seq = seq;
    this.topic.value = data.topic;
    this.pins.value = data.pins ?? [];
    this.cache();
  }

  apply({ type, seq, data }: MessageEvent): void {
    this.seq = seq;
    for (const fetched of this.fetches) fetched.set(data.id, data);
    this.replies.learn([data]);
    for (const thread of this.threads) thread.apply(data);
    const last = this.last.peek()?.id ?? 0;
    if (data.id >= last) this.last.value = data;
    if (data.deleted && this.pins.peek().includes(data.id)) this.pins.value = this.pins.peek().filter((id) => id !== data.id);
    if (this.newest.length > 0 || type === 'message') this.newest = put(this.newest, data).slice(-keptMessages);
    if (data.id > this.read.peek()) {
      this.later.value = put(this.later.peek(), data, true).slice(0, countedUnread);
      if (this.later.peek().length === countedUnread) this.hasMoreUnread.value = true;
    }
    this.timeline.apply(data);
    if (type === 'message') this.stopTyping(data.username);
    this.cache();
  }

  present(frame: PresenceFrame): void {
    this.count.value = frame.count;
    this.users.value = frame.users;
    if (frame.type === 'user_left' && frame.username) this.stopTyping(frame.username);
  }

  types(name: string): void {
    clearTimeout(this.typists.get(name));
    this.typists.set(
      name,
      setTimeout(() => this.stopTyping(name), typingMs),
    );
    this.typing.value = [...this.typists.keys()];
  }

  /** Everything up to the room's last number has been read. @returns That number, if it is news. */
  markRead(): number | undefined {
    const last = Math.max(this.last.peek()?.id ?? 0, this.later.peek().at(-1)?.id ?? 0);
    if (last <= this.read.peek()) return undefined;
    this.read.value = last;
    this.later.value = [];
    this.hasMoreUnread.value = false;
    this.cache();
    return last;
  }

  /** Opened: the messages are there, or on their way. */
  async open(): Promise<void> {
    this.line.value = this.unread.peek().length > 0 ? this.read.peek() : undefined;
    if (this.timeline.isBegun.peek()) return;
    // Before, nobody knows whether there is such a room.
    await this.whenJoined;
    if (this.timeline.isBegun.peek()) return;
    const page = await this.fetch({ limit: keptMessages });
    if (this.timeline.isBegun.peek()) return;
    this.newest = page;
    this.timeline.begin(page, page.length === keptMessages);
    this.cache();
  }

  /** A page of messages. What changed while it was under way is as it is now: the page may be older. */
  private async fetch(query: { before?: number; after?: number; limit: number }): Promise<Message[]> {
    const changed = new Map<number, Message>();
    this.fetches.add(changed);
    try {
      const fetched = await fetchPage(this.name, query);
      this.replies.learn(fetched);
      const page = fetched.map((message) => changed.get(message.id) ?? message);
      const isNewest = query.before === undefined && (query.after === undefined || page.length < query.limit);
      const last = page.at(-1)?.id ?? query.after ?? 0;
      return isNewest ? [...page, ...[...changed.values()].filter(({ id }) => id > last)] : page;
    } finally {
      this.fetches.delete(changed);
    }
  }

  private async countUnread(): Promise<void> {
    if (this.read.peek() >= (this.seq ?? 0)) return;
    const page = await this.fetch({ after: this.read.peek(), limit: countedUnread }).catch(() => []);
    this.later.value = page;
    this.hasMoreUnread.value = page.length === countedUnread;
  }

  private stopTyping(name: string): void {
    clearTimeout(this.typists.get(name));
    if (this.typists.delete(name)) this.typing.value = [...this.typists.keys()];
  }

  private cache(): void {
    this.caching ??= setTimeout(() => {
      this.caching = undefined;
      if (this.seq === undefined || this.epoch === undefined) return;
      const { name, seq, epoch, newest } = this;
      void cacheRoom({
        name,
        topic: this.topic.peek(),
        seq,
        epoch,
        read: this.read.peek(),
        last: this.last.peek(),
        pins: [...this.pins.peek()],
        messages: [...newest],
      });
    }, cacheMs);
  }
}

const isForMe = (message: Message): boolean => !message.deleted && message.username !== settings.value.name;
