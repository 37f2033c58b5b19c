import { signal } from '@preact/signals';
import type { Message } from 'confab-client';

const pageSize = 50;
const maxMessages = 400;

/**
 * Puts a message where its id belongs: while catching up, they come in the order of their last change. One before the first is left out, unless
 * the list has the room's beginning.
 */
export const put = (list: Message[], message: Message, isWhole = list.length === 0): Message[] => {
  const before = list.findLastIndex(({ id }) => id <= message.id);
  if (list[before]?.id === message.id) return list.with(before, message);
  return before >= 0 || isWhole ? list.toSpliced(before + 1, 0, message) : list;
};

type Fetch = (query: { before?: number; after?: number; limit: number }) => Promise<Message[]>;

/**
 * The stretch of a room's messages that is in the document: whole pages without a gap, eight at most. Scrolling on loads a page at one end and
 * gives up one at the other, so that a room of a million messages costs no more than one of four hundred.
 */
export class Timeline {
  readonly messages = signal<readonly Message[]>([]);
  readonly isBegun = signal(false);
  readonly hasOlder = signal(false);
  readonly hasNewer = signal(false);
  readonly isLoading = signal<'older' | 'newer' | 'around' | undefined>(undefined);
  /** The last attempt to load failed. */
  readonly hasFailed = signal(false);

  private shown: Message[] = [];
  private drawing: number | undefined;
  private loading: Promise<void> | undefined;

  constructor(private readonly fetch: Fetch) {}

  /** Begins with the newest messages. */
  begin(messages: Message[], hasOlder: boolean): void {
    this.isBegun.value = true;
    this.hasOlder.value = hasOlder;
    this.hasNewer.value = false;
    this.show(messages);
  }

  clear(): void {
    this.isBegun.value = false;
    this.hasOlder.value = false;
    this.hasNewer.value = false;
    this.show([]);
  }

  /** A message changed, or came. */
  apply(message: Message): void {
    if (!this.isBegun.peek()) return;
    const isBeyond = message.id > (this.shown.at(-1)?.id ?? 0);
    if (isBeyond && this.hasNewer.peek()) return;
    this.shown = put(this.shown, message, !this.hasOlder.peek());
    this.draw();
  }

  older(): Promise<void> {
    const first = this.shown[0]?.id;
    if (first === undefined || !this.hasOlder.peek()) return Promise.resolve();
    return this.load('older', async () => {
      const page = await this.fetch({ before: first, limit: pageSize });
      if (this.shown[0]?.id !== first) return;
      this.hasOlder.value = page.length === pageSize;
      const all = [...page, ...this.shown];
      if (all.length > maxMessages) this.hasNewer.value = true;
      this.show(all.slice(0, maxMessages));
    });
  }

  newer(): Promise<void> {
    const last = this.shown.at(-1)?.id;
    if (last === undefined || !this.hasNewer.peek()) return Promise.resolve();
    return this.load('newer', async () => {
      const page = await this.fetch({ after: last, limit: pageSize });
      if (this.shown.at(-1)?.id !== last) return;
      this.hasNewer.value = page.length >= pageSize;
      this.append(page);
    });
  }

  /** Shows a message in its surroundings. */
  around(id: number): Promise<void> {
    if (this.shown.some((message) => message.id === id)) return Promise.resolve();
    return this.load('around', async () => {
      const [before, after] = await Promise.all([this.fetch({ before: id + 1, limit: pageSize }), this.fetch({ after: id, limit: pageSize })]);
      this.isBegun.value = true;
      this.hasOlder.value = before.length === pageSize;
      this.hasNewer.value = after.length >= pageSize;
      this.show([...before, ...after]);
    });
  }

  /** Shows the newest messages. */
  latest(): Promise<void> {
    if (this.isBegun.peek() && !this.hasNewer.peek()) return Promise.resolve();
    return this.load('around', async () => {
      const page = await this.fetch({ limit: pageSize });
      this.begin(page, page.length >= pageSize);
    });
  }

  /** Only the newest page stays, when nobody looks. */
  rest(): void {
    if (this.hasNewer.peek()) this.clear();
    else if (this.shown.length > pageSize) {
      this.hasOlder.value = true;
      this.show(this.shown.slice(-pageSize));
    }
  }

  private append(page: Message[]): void {
    const last = this.shown.at(-1)?.id ?? 0;
    const all = [...this.shown, ...page.filter(({ id }) => id > last)];
    if (all.length > maxMessages) this.hasOlder.value = true;
    this.show(all.slice(-maxMessages));
  }

  private async load(what: 'older' | 'newer' | 'around', work: () => Promise<void>): Promise<void> {
    // A page at an end is asked for again while one scrolls; where one wants to be, one says once.
    if (this.loading && what !== 'around') return;
    while (this.loading) await this.loading;
    this.loading = this.attempt(what, work);
    await this.loading;
  }

  private async attempt(what: 'older' | 'newer' | 'around', work: () => Promise<void>): Promise<void> {
    this.isLoading.value = what;
    this.hasFailed.value = false;
    try {
      await work();
    } catch {
      this.hasFailed.value = true;
    } finally {
      this.isLoading.value = undefined;
      this.loading = undefined;
    }
  }

  private show(messages: Message[]): void {
    this.shown = messages;
    this.messages.value = messages;
  }

  // What comes in a burst is drawn together: once a frame, or at once where no frames are.
  private draw(): void {
    const draw = () => {
      this.drawing = undefined;
      // The end grows by what comes: whoever stays there for hours keeps eight pages, too.
      if (this.shown.length > maxMessages + pageSize) {
        this.hasOlder.value = true;
        this.shown = this.shown.slice(-maxMessages);
      }
      this.messages.value = this.shown;
    };
    if (document.hidden) draw();
    else this.drawing ??= requestAnimationFrame(draw);
  }
}
