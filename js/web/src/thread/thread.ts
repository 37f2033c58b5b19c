import { batch, computed, signal } from '@preact/signals';
import type { Message } from 'confab-client';
import { ApiError, message as fetchMessage, replies as fetchReplies, type MessagePage } from '../state/api';
import type { Room } from '../state/room';

const pageSize = 100;

/** A message and what answers it, as long as somebody looks: read page by page, and kept as it is now by the room's events. */
export class Thread {
  readonly state = signal<'loading' | 'ready' | 'missing' | 'failed'>('loading');
  readonly hasMore = signal(false);
  readonly root = computed(() => this.heard.value.get(this.id) ?? this.first.value);
  readonly replies = computed(() => {
    const heard = this.heard.value;
    const read = this.read.value.map((message) => heard.get(message.id) ?? message);
    // What came is the end of the list, once the list was read to its end.
    if (this.hasMore.value || this.state.value !== 'ready') return read;
    const last = read.at(-1)?.id ?? this.id;
    const later = [...heard.values()].filter(({ id }) => id > last).sort((a, b) => a.id - b.id);
    return [...read, ...later];
  });

  private readonly first = signal<Message | undefined>(undefined);
  private readonly read = signal<readonly Message[]>([]);
  /** What came since the thread was opened: newer than any page that was asked for before. */
  private readonly heard = signal<ReadonlyMap<number, Message>>(new Map());

  constructor(
    readonly room: Room,
    readonly id: number,
  ) {
    // What is in the document already need not be waited for.
    this.first.value = room.timeline.messages.peek().find((message) => message.id === id);
  }

  /** Reads it from the beginning. */
  async load(): Promise<void> {
    this.state.value = 'loading';
    try {
      const [first, page] = await Promise.all([fetchMessage(this.room.name, this.id), fetchReplies(this.room.name, this.id, 0, pageSize)]);
      batch(() => {
        this.first.value = first;
        this.read.value = [];
        this.add(page);
        this.room.replies.learn([first]);
        this.state.value = 'ready';
      });
    } catch (error) {
      this.state.value = error instanceof ApiError && error.status === 404 ? 'missing' : 'failed';
    }
  }

  /** Reads the next page. */
  async more(): Promise<void> {
    const after = this.read.peek().at(-1)?.id;
    if (!this.hasMore.peek() || after === undefined) return;
    const page = await fetchReplies(this.room.name, this.id, after, pageSize).catch(() => undefined);
    if (page && this.read.peek().at(-1)?.id === after) batch(() => this.add(page));
  }

  /** Reads it to the end. */
  async rest(): Promise<void> {
    for (let count = -1; this.hasMore.peek() && this.read.peek().length > count; ) {
      count = this.read.peek().length;
      await this.more();
    }
  }

  /** A message of the room changed, or came. */
  apply(message: Message): void {
    if (message.id === this.id || message.reply_to === this.id) this.heard.value = new Map(this.heard.peek()).set(message.id, message);
  }

  /** The room has another history. */
  reset(): void {
    batch(() => {
      this.heard.value = new Map();
      this.first.value = undefined;
      this.read.value = [];
    });
    void this.load();
  }

  private add({ messages, hasNewer }: MessagePage): void {
    this.read.value = [...this.read.peek(), ...messages];
    this.hasMore.value = hasNewer;
    this.room.replies.learn(messages);
  }
}
