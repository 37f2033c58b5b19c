import type { Change } from './frames.js';

/** A change with the key that makes a repeat of it recognisable. */
export type KeyedChange = Change & { id: string; username?: string };

/**
 * Where changes wait that were not acknowledged, so that they survive the page or the process; IndexedDB, say, or a file. Several clients may
 * share one: a change that two of them send is stored once, since its `id` is the same.
 */
export interface OutboxStore {
  /** Everything that waits, in the order in which it was added. */
  load(): Promise<KeyedChange[]>;
  add(change: KeyedChange): Promise<void>;
  remove(change: KeyedChange): Promise<void>;
}

/** A change that waits for its answer, and who is told of it. */
export interface Entry {
  change: KeyedChange;
  isSent: boolean;
  /** How often the server failed over it. */
  failures: number;
  /** Not before this time, in ms since 1970. */
  notBefore: number;
  resolve?: (seq: number) => void;
  reject?: (error: Error) => void;
}

/**
 * The changes that were not answered. Those of one room go one after the other, the next once the one before was answered, so that their
 * order survives a refusal that asks to try again; rooms do not wait for each other.
 */
export class Outbox {
  private readonly rooms = new Map<string, Entry[]>();

  get size(): number {
    let size = 0;
    for (const entries of this.rooms.values()) size += entries.length;
    return size;
  }

  get changes(): KeyedChange[] {
    return [...this.rooms.values()].flat().map((entry) => entry.change);
  }

  add(entry: Entry): void {
    const entries = this.rooms.get(entry.change.room);
    if (entries) entries.push(entry);
    else this.rooms.set(entry.change.room, [entry]);
  }

  /** Puts in what waited before this client began: ahead of what was added meanwhile. */
  addEarlier(changes: KeyedChange[]): void {
    const known = new Set(this.changes.map((change) => change.id));
    const added = [...this.rooms.values()].flat();
    this.rooms.clear();
    for (const change of changes) if (!known.has(change.id)) this.add({ change, isSent: false, failures: 0, notBefore: 0 });
    for (const entry of added) this.add(entry);
  }

  /** What may be sent now: the first of each room, unless it was sent or has to wait. */
  ready(now: number): Entry[] {
    return this.heads().filter((entry) => !entry.isSent && entry.notBefore <= now);
  }

  /** When the next one may be sent that has to wait, in ms since 1970; undefined if none has to. */
  nextAt(now: number): number | undefined {
    const later = this.heads().filter((entry) => !entry.isSent && entry.notBefore > now);
    return later.length > 0 ? Math.min(...later.map((entry) => entry.notBefore)) : undefined;
  }

  /** A new connection: whether the old one brought the server what was sent is not known, so it is sent again. */
  restart(): void {
    for (const entry of this.heads()) entry.isSent = false;
  }

  findSent(id: string | undefined): Entry | undefined {
    return this.heads().find((entry) => entry.isSent && entry.change.id === id);
  }

  /** The longest that was sent and not answered: the server told of a frame that was too big, but not of which. */
  longestSent(): Entry | undefined {
    return this.heads()
      .filter((entry) => entry.isSent)
      .sort((a, b) => JSON.stringify(b.change).length - JSON.stringify(a.change).length)[0];
  }

  find(id: string): Entry | undefined {
    return [...this.rooms.values()].flat().find((entry) => entry.change.id === id);
  }

  remove(entry: Entry): void {
    const entries = this.rooms.get(entry.change.room) ?? [];
    const rest = entries.filter((other) => other !== entry);
    if (rest.length > 0) this.rooms.set(entry.change.room, rest);
    else this.rooms.delete(entry.change.room);
  }

  private heads(): Entry[] {
    return [...this.rooms.values()].map((entries) => entries[0] as Entry);
  }
}
