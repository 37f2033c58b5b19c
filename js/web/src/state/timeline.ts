import { batch, computed, signal } from '@preact/signals';
import type { Message } from 'confab-client';
import type { MessagePage, Query } from './api';

const pageSize = 25;
const maxPages = 16;
const restingPages = 3;
const burstMs = 100;

/**
 * Puts a message where its id belongs: while catching up, they come in the order of their last change. One before the first is left out, unless
 * the list has the room's beginning.
 */
export const put = (list: readonly Message[], message: Message, isWhole = list.length === 0): readonly Message[] => {
  const before = list.findLastIndex(({ id }) => id <= message.id);
  if (list[before]?.id === message.id) return list.with(before, message);
  return before >= 0 || isWhole ? list.toSpliced(before + 1, 0, message) : list;
};

const split = (messages: Message[]): Page[] =>
  Array.from({ length: Math.ceil(messages.length / pageSize) }, (_, page) => messages.slice(page * pageSize, (page + 1) * pageSize));

export type Page = readonly Message[];

/** Asks for pages, all as they are at the same moment. */
type Fetch = <Queries extends Query[]>(...queries: Queries) => Promise<{ [Each in keyof Queries]: MessagePage }>;

/**
 * The stretch of a room's messages that is in the document: whole pages without a gap, sixteen at most. Scrolling on loads a page at one end and
 * gives up one at the other, so that a room of a million messages costs no more than one of four hundred.
 */
export class Timeline {
  /** Pages of at most twenty-five: more would not be drawn within a frame. One that did not change stays the same array. */
  readonly pages = signal<readonly Page[]>([]);
  readonly messages = computed(() => this.pages.value.flat());
  readonly isBegun = signal(false);
  readonly hasOlder = signal(false);
  readonly hasNewer = signal(false);
  /** What could not be loaded, if so. */
  readonly failed = signal<'older' | 'newer' | 'around' | undefined>(undefined);

  private shown: Page[] = [];
  private isDrawing = false;
  private drawnAt = Number.NEGATIVE_INFINITY;
  private loading: Promise<void> | undefined;

  constructor(private readonly fetch: Fetch) {}

  /** Begins with the newest messages. */
  begin(messages: Message[], hasOlder: boolean): void {
    this.isBegun.value = true;
    this.hasOlder.value = hasOlder;
    this.hasNewer.value = false;
    this.show(split(messages));
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
    const last = this.lastId;
    if (message.id > last && this.hasNewer.peek()) return;
    if (message.id > last) {
      const page = this.shown.at(-1);
      if (page && page.length < pageSize) this.shown = this.shown.with(-1, [...page, message]);
      else this.shown = [...this.shown, [message]];
    } else {
      const at = Math.max(
        this.shown.findLastIndex((page) => (page[0]?.id ?? 0) <= message.id),
        0,
      );
      const page = this.shown[at] ?? [];
      const isWhole = at > 0 || !this.hasOlder.peek();
      this.shown = this.shown.with(at, put(page, message, isWhole));
    }
    this.draw();
  }

  older(): Promise<void> {
    const first = this.firstId;
    if (first === undefined || !this.hasOlder.peek()) return Promise.resolve();
    return this.load('older', async () => {
      const [{ messages, hasOlder }] = await this.fetch({ before: first, limit: pageSize });
      return () => {
        if (this.firstId !== first) return;
        this.hasOlder.value = hasOlder;
        const all = messages.length > 0 ? [messages, ...this.shown] : this.shown;
        if (all.length > maxPages) this.hasNewer.value = true;
        this.show(all.slice(0, maxPages));
      };
    });
  }

  newer(): Promise<void> {
    const last = this.lastId;
    if (last === 0 || !this.hasNewer.peek()) return Promise.resolve();
    return this.load('newer', async () => {
      const [{ messages, hasNewer }] = await this.fetch({ after: last, limit: pageSize });
      return () => {
        if (this.lastId !== last) return;
        this.hasNewer.value = hasNewer;
        this.append(messages);
      };
    });
  }

  /** Shows a message in its surroundings. */
  around(id: number): Promise<void> {
    this.failed.value = undefined;
    // Before the room's first message is its beginning.
    const isBeginning = () => this.isBegun.peek() && !this.hasOlder.peek() && id < (this.firstId ?? 0);
    const isShown = () => isBeginning() || this.shown.some((page) => page.some((message) => message.id === id));
    if (isShown()) return Promise.resolve();
    return this.load('around', async () => {
      // Somebody else may have asked for it, too.
      if (isShown()) return () => {};
      const [before, after] = await this.fetch({ before: id + 1, limit: pageSize }, { after: id, limit: pageSize });
      return () => {
        this.isBegun.value = true;
        this.hasOlder.value = before.hasOlder;
        this.hasNewer.value = after.hasNewer;
        this.show([before.messages, after.messages].filter(({ length }) => length > 0));
      };
    });
  }

  /** Shows the newest messages. */
  latest(): Promise<void> {
    this.failed.value = undefined;
    if (this.isBegun.peek() && !this.hasNewer.peek()) return Promise.resolve();
    return this.load('around', async () => {
      const [{ messages, hasOlder }] = await this.fetch({ limit: pageSize });
      return () => this.begin(messages, hasOlder);
    });
  }

  /** Only the newest messages stay, when nobody looks. */
  rest(): void {
    if (this.hasNewer.peek()) this.clear();
    else if (this.shown.length > restingPages) {
      this.hasOlder.value = true;
      this.show(this.shown.slice(-restingPages));
    }
  }

  /** Draws what came, without waiting for what may come with it. */
  drawNow(): void {
    // The end grows by what comes: whoever stays there for hours keeps sixteen pages, too.
    if (this.shown.length > maxPages) {
      this.hasOlder.value = true;
      this.shown = this.shown.slice(-maxPages);
    }
    this.pages.value = this.shown;
  }

  /** Whether all that is known is drawn. */
  get isDrawn(): boolean {
    return this.pages.peek() === this.shown;
  }

  private get firstId(): number | undefined {
    return this.shown[0]?.[0]?.id;
  }

  private get lastId(): number {
    return this.shown.at(-1)?.at(-1)?.id ?? 0;
  }

  private append(page: Message[]): void {
    const { lastId } = this;
    const fresh = page.filter(({ id }) => id > lastId);
    const all = fresh.length > 0 ? [...this.shown, fresh] : this.shown;
    if (all.length > maxPages) this.hasOlder.value = true;
    this.show(all.slice(-maxPages));
  }

  private async load(what: 'older' | 'newer' | 'around', work: () => Promise<() => void>): Promise<void> {
    // A page at an end is asked for again while one scrolls; where one wants to be, one says once.
    if (this.loading && what !== 'around') return;
    while (this.loading) await this.loading;
    this.loading = this.attempt(what, work);
    await this.loading;
  }

  private async attempt(what: 'older' | 'newer' | 'around', work: () => Promise<() => void>): Promise<void> {
    try {
      const show = await work();
      // What is shown may be too little: then more is asked for at once.
      this.loading = undefined;
      batch(show);
      if (this.failed.peek() === what) this.failed.value = undefined;
    } catch {
      // Where one wants to be comes before what lies around where one is.
      this.loading = undefined;
      this.failed.value = this.failed.peek() ?? what;
    }
  }

  private show(pages: Page[]): void {
    this.shown = pages;
    this.pages.value = pages;
  }

  // What comes alone is drawn with the next frame, what comes in a burst together, ten times a second.
  private draw(): void {
    if (this.isDrawing) return;
    this.isDrawing = true;
    const draw = () => {
      this.isDrawing = false;
      this.drawnAt = performance.now();
      this.drawNow();
    };
    const wait = this.drawnAt + burstMs - performance.now();
    if (document.hidden) draw();
    else if (wait > 0) setTimeout(draw, wait);
    else requestAnimationFrame(draw);
  }
}
