import type { KeyedChange, Message, OutboxStore } from 'confab-client';
import { type DBSchema, type IDBPDatabase, openDB } from 'idb';
import { base } from './base';

/** What is kept of a room, so that it can be read at once and without a network. */
export interface CachedRoom {
  name: string;
  topic: string;
  /** Absent in what was kept before rooms could be. */
  archived?: boolean;
  seq: number;
  epoch: string;
  read: number;
  last: Message | undefined;
  /** Absent in what was kept before rooms had any. */
  pins?: number[];
  /** The newest, oldest first, without a gap. */
  messages: Message[];
}

/** A message that was refused: kept until somebody decides. */
interface FailedMessage {
  id: string;
  room: string;
  username?: string;
  content: string;
  replyTo: number | undefined;
  attachments: string[];
  code: string;
  at: number;
}

interface Schema extends DBSchema {
  rooms: { key: string; value: CachedRoom };
  outbox: { key: number; value: KeyedChange; indexes: { id: string } };
  failed: { key: string; value: FailedMessage };
}

let opened: Promise<IDBPDatabase<Schema>> | undefined;

const database = (): Promise<IDBPDatabase<Schema>> => {
  opened ??= openDB<Schema>(`confab${base}`, 1, {
    upgrade(db) {
      db.createObjectStore('rooms', { keyPath: 'name' });
      db.createObjectStore('outbox', { autoIncrement: true }).createIndex('id', 'id', { unique: true });
      db.createObjectStore('failed', { keyPath: 'id' });
    },
    terminated() {
      opened = undefined;
    },
  });
  return opened;
};

// A browser may keep nothing, as in a private window: the page then works without what was kept.
const orElse = async <T>(work: Promise<T>, fallback: T): Promise<T> => {
  try {
    return await work;
  } catch {
    return fallback;
  }
};

export const cachedRooms = (): Promise<CachedRoom[]> =>
  orElse(
    database().then((db) => db.getAll('rooms')),
    [],
  );

export const cacheRoom = (room: CachedRoom): Promise<unknown> =>
  orElse(
    database().then((db) => db.put('rooms', room)),
    undefined,
  );

export const forgetRoom = (name: string): Promise<unknown> =>
  orElse(
    database().then((db) => db.delete('rooms', name)),
    undefined,
  );

export const failedMessages = (): Promise<FailedMessage[]> =>
  orElse(
    database().then((db) => db.getAll('failed')),
    [],
  );

/** Moves a message that was refused out of the outbox, in one piece: a reload finds it in the one place or in the other. */
export const keepFailed = (message: FailedMessage): Promise<unknown> =>
  orElse(
    database().then(async (db) => {
      const transaction = db.transaction(['failed', 'outbox'], 'readwrite');
      const outbox = transaction.objectStore('outbox');
      await transaction.objectStore('failed').put(message);
      const key = await outbox.index('id').getKey(message.id);
      if (key !== undefined) await outbox.delete(key);
      await transaction.done;
    }),
    undefined,
  );

export const dropFailed = (id: string): Promise<unknown> =>
  orElse(
    database().then((db) => db.delete('failed', id)),
    undefined,
  );

let unsent: Promise<KeyedChange[]> | undefined;

/** The unsent changes; shared by all windows of a browser, which is safe, since a change is stored once whoever sends it. */
export const outboxStore: OutboxStore = {
  // Read once: what the page shows as being sent is what the client sends. Another window may be done with it a moment later.
  load() {
    unsent ??= database().then((db) => db.getAll('outbox'));
    return unsent;
  },
  async add(change) {
    await (await database()).add('outbox', change);
  },
  async remove(change) {
    const transaction = (await database()).transaction('outbox', 'readwrite');
    const key = await transaction.store.index('id').getKey(change.id);
    if (key !== undefined) await transaction.store.delete(key);
    await transaction.done;
  },
};
