import { computed, signal } from '@preact/signals';
import type { JoinedFrame, Message, MessageEvent, PresenceFrame, RoomChangedEvent } from 'confab-client';
import { messages as fetchPage, type MessagePage, type Query, type RoomSummary } from './api';
import { type CachedRoom, cacheRoom } from './cache';
import { mentions } from './mention';
import { Replies } from './replies';
import { levelOf, settings } from './settings';
import { put, Timeline } from './timeline';

const keptMessages = 50;
const countedUnread = 100;
const enoughMessages = 25;
const typingMs = 5_000;
const cacheMs = 1_500;

/** A room as this person knows it. What is unread follows from the messages and the read marker; nothing is counted up. */
export class Room {
  readonly topic = signal('');
  /** Whether it can be read only. */
  readonly isArchived = signal(false);
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
  /** The threads that somebody looks at: each hears what the room hears. */
  readonly threads = new Set<{ apply(message: Message): void; reset(): void }>();
  readonly timeline = new Timeline((...queries) => this.fetch(...queries));
  private readonly unreadMessages = computed(() => this.later.value.filter((message) => message.id > this.read.value && isForMe(message)));
  readonly unread = computed(() => this.unreadMessages.value.length);
  private readonly unreadMentions = computed(() => this.unreadMessages.value.filter((message) => mentions(message, settings.value.name)));
  readonly mentioned = computed(() => this.unreadMentions.value.length);
  /** Who mentioned one, each once. */
  readonly mentioners = computed(() => [...new Set(this.unreadMentions.value.map(({ username }) => username))]);
  readonly hasMoreUnread = signal(false);
  /** What the list, the title and the icon count: nothing of a room that is muted. */
  readonly badge = computed(() => (levelOf(this.name) === 'none' ? 0 : this.unread.value));
  readonly badgeAt = computed(() => (levelOf(this.name) === 'none' ? 0 : this.mentioned.value));
  /** How often what was known of it became void: whoever looks at it begins anew. */
  readonly resets = signal(0);

  /** Whether all that was said while there was no connection has come: from then on what comes is news. */
  readonly isLive = signal(false);

  /** Whether it is on the screen, which on a narrow one a thread covers. */
  isShown = false;

  /** Whether somebody looks at its end: what comes there is read. */
  isWatched = false;

  /** Has whoever shows it look again whether somebody watches. */
  lookAgain: (() => void) | undefined;

  /** The last number that was applied, and the epoch it belongs to. */
  seq: number | undefined;
  epoch: string | undefined;

  /** Messages after the read marker, as far as they are counted. */
  private readonly later = signal<readonly Message[]>([]);
  private newest: readonly Message[] = [];
  /** Whether `later` begins with the first message after the read marker. */
  private isCounted = false;
  private counting: Promise<void> | undefined;
  /** The last number when it was joined. */
  private head = 0;
  private isJoined = false;
  private joining = gate();
  private readonly fetches = new Set<Map<number, Message>>();
  private readonly typists = new Map<string, ReturnType<typeof setTimeout>>();
  private caching: ReturnType<typeof setTimeout> | undefined;

  constructor(readonly name: string) {}

  static fromCache(cached: CachedRoom): Room {
    const room = new Room(cached.name);
    room.topic.value = cached.topic;
    room.isArchived.value = cached.archived ?? false;
    room.pins.value = cached.pins ?? [];
    room.seq = cached.seq;
    room.epoch = cached.epoch;
    room.read.value = cached.read;
    room.last.value = cached.last;
    room.newest = cached.messages;
    room.replies.learn(cached.messages);
    room.later.value = cached.messages.filter(({ id }) => id > cached.read);
    // A room that was not opened has few of its messages here, or none, however many are unread.
    room.isCounted = cached.read >= cached.seq || (cached.messages[0]?.id ?? Number.POSITIVE_INFINITY) <= cached.read + 1;
    if (cached.messages.length > 0) room.timeline.begin(cached.messages, (cached.messages[0]?.id ?? 1) > 1);
    return room;
  }

  describe(summary: RoomSummary): void {
    if (!this.isJoined) this.count.value = summary.present;
    // What came over the connection meanwhile is newer than this answer.
    if (summary.head < (this.seq ?? 0)) return;
    this.topic.value = summary.topic;
    this.isArchived.value = summary.archived ?? false;
    if (summary.last_message && summary.last_message.id >= (this.last.peek()?.id ?? 0)) this.last.value = summary.last_message;
  }

  /** What was known of it is void, but for how far one has read, if its numbers still mean the same. */
  reset(epoch: string): void {
    if (this.epoch !== epoch) this.read.value = 0;
    this.seq = undefined;
    this.epoch = undefined;
    this.newest = [];
    this.later.value = [];
    this.last.value = undefined;
    this.isCounted = false;
    this.joining = gate();
    this.resets.value++;
    this.timeline.clear();
    this.replies.clear();
    for (const thread of this.threads) thread.reset();
  }

  /** The connection is lost: what one looks at now may not be the end. */
  lost(): void {
    this.isWatched = false;
    this.isLive.value = false;
  }

  joined(frame: JoinedFrame): void {
    this.isJoined = true;
    this.joining.open();
    this.count.value = frame.count;
    this.users.value = frame.users;
    this.pins.value = frame.pins ?? [];
    this.isArchived.value = frame.archived ?? false;
    // Nobody has everything unread who comes for the first time.
    const before = this.read.peek();
    const read = Math.min(frame.seq, Math.max(before, frame.read ?? (this.seq === undefined && before === 0 ? frame.seq : 0)));
    this.read.value = read;
    this.later.value = this.later.peek().filter(({ id }) => id > read);
    // Read elsewhere, and those that did not fit into the list come after it.
    if (this.seq === undefined || (read > before && this.hasMoreUnread.peek())) this.isCounted = false;
    this.seq ??= frame.seq;
    this.epoch = frame.epoch;
    this.head = frame.seq;
    if (frame.messages) {
      this.newest = frame.messages;
      this.replies.learn(frame.messages);
      this.last.value = frame.messages.at(-1);
    }
    if (!this.isCounted) this.startCount();
    this.settle();
    this.cache();
  }

  /** The room itself changed. */
  changed({ seq, data }: RoomChangedEvent): void {
    this.seq = seq;
    this.topic.value = data.topic;
    this.isArchived.value = data.archived ?? false;
    this.pins.value = data.pins ?? [];
    this.settle();
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
    this.settle();
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

  /** Read up to there in another window or on another device, under the same name. */
  readElsewhere(seq: number): void {
    if (seq <= this.read.peek()) return;
    this.read.value = seq;
    this.later.value = this.later.peek().filter(({ id }) => id > seq);
    // Those that did not fit into the list come after it.
    if (this.hasMoreUnread.peek()) this.isCounted = false;
    if (!this.isCounted && !this.counting) this.startCount();
    this.cache();
  }

  /** Opened: the messages are there, or on their way. */
  async open(): Promise<void> {
    this.line.value = undefined;
    this.drawLine();
    if (this.timeline.isBegun.peek()) return;
    // Before, nobody knows whether there is such a room.
    if (this.newest.length === 0) await this.joining.opened;
    // Where it begins depends on what is unread.
    await this.counting;
    this.drawLine();
    if (this.timeline.isBegun.peek()) return;
    const first = this.newest[0]?.id ?? 0;
    const line = this.line.peek();
    if (line !== undefined && line + 1 < first && this.isLive.peek()) {
      await this.timeline.around(line);
      return;
    }
    // What is at hand will do, if it is enough for a start, or all there is: in the room, or without a connection.
    if (this.newest.length >= enoughMessages || first === 1 || this.seq === 0 || (first > 0 && !this.isLive.peek())) {
      this.timeline.begin([...this.newest], first > 1);
      return;
    }
    const [{ messages, hasOlder }] = await this.fetch({ limit: keptMessages });
    if (this.timeline.isBegun.peek()) return;
    this.newest = messages;
    this.timeline.begin(messages, hasOlder);
    this.cache();
  }

  /** What is unread begins below a line. */
  drawLine(): void {
    if (this.line.peek() === undefined && this.unread.peek() > 0) this.line.value = this.read.peek();
  }

  /** Pages of messages. What changed until the last of them was there is as it is now: the others may be older. */
  private async fetch<Queries extends Query[]>(...queries: Queries): Promise<{ [Each in keyof Queries]: MessagePage }> {
    const changed = new Map<number, Message>();
    this.fetches.add(changed);
    try {
      const pages = await Promise.all(queries.map(async (query) => ({ query, page: await this.fetchOrKeep(query) })));
      return pages.map(({ query, page }) => {
        this.replies.learn(page.messages);
        const present = page.messages.map((message) => changed.get(message.id) ?? message);
        const isNewest = query.before === undefined && !page.hasNewer;
        const last = present.at(-1)?.id ?? query.after ?? 0;
        const later = isNewest ? [...changed.values()].filter(({ id }) => id > last).sort((a, b) => a.id - b.id) : [];
        return { ...page, messages: [...present, ...later] };
      }) as { [Each in keyof Queries]: MessagePage };
    } finally {
      this.fetches.delete(changed);
    }
  }

  /** The newest messages are at hand, also where nothing can be asked for. */
  private async fetchOrKeep(query: Query): Promise<MessagePage> {
    try {
      return await fetchPage(this.name, query);
    } catch (error) {
      if (query.before !== undefined || query.after !== undefined || this.newest.length === 0) throw error;
      const messages = this.newest.slice(-query.limit);
      return { messages, hasOlder: (messages[0]?.id ?? 1) > 1, hasNewer: false };
    }
  }

  private startCount(): void {
    const counting = this.countUnread().finally(() => {
      if (this.counting !== counting) return;
      this.counting = undefined;
      this.settle();
    });
    this.counting = counting;
  }

  // Again, if so much was read meanwhile that the page does not reach far enough. What fails is counted with the next join.
  private async countUnread(): Promise<void> {
    const { epoch } = this;
    let from: number;
    do {
      from = this.read.peek();
      const isAllRead = from >= (this.seq ?? 0);
      const [page] = isAllRead ? [none] : await this.fetch({ after: from, limit: countedUnread }).catch(() => []);
      if (!page || this.epoch !== epoch) return;
      this.later.value = page.messages.filter(({ id }) => id > this.read.peek()).slice(0, countedUnread);
      this.hasMoreUnread.value = page.hasNewer || page.messages.length >= countedUnread;
    } while (this.hasMoreUnread.peek() && this.read.peek() > from);
    this.isCounted = true;
  }

  private settle(): void {
    if (!this.counting && (this.seq ?? 0) >= this.head) this.isLive.value = true;
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
        archived: this.isArchived.peek(),
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

const none: MessagePage = { messages: [], hasOlder: false, hasNewer: false };

const isForMe = (message: Message): boolean => !message.deleted && message.username !== settings.value.name;

const gate = (): { opened: Promise<void>; open: () => void } => {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
};
