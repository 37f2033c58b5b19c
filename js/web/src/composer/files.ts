import { type DBSchema, type IDBPDatabase, openDB } from 'idb';
import { base } from '../state/base';

/** A file that is still to be uploaded. */
export interface KeptFile {
  key: string;
  place: string;
  room: string;
  file: File;
  /** When it was chosen. */
  at: number;
}

interface Schema extends DBSchema {
  files: { key: string; value: KeptFile };
}

let opened: Promise<IDBPDatabase<Schema>> | undefined;

const database = (): Promise<IDBPDatabase<Schema>> => {
  opened ??= openDB<Schema>(`confab-files${base}`, 1, {
    upgrade(db) {
      db.createObjectStore('files', { keyPath: 'key' });
    },
    terminated() {
      opened = undefined;
    },
  });
  return opened;
};

// A browser may keep nothing: the file is then uploaded all the same.
export const keepFile = (file: KeptFile): Promise<unknown> =>
  database()
    .then((db) => db.put('files', file))
    .catch(() => {});

export const forgetFile = (key: string): Promise<unknown> =>
  database()
    .then((db) => db.delete('files', key))
    .catch(() => {});

export const keptFiles = (): Promise<KeptFile[]> =>
  database()
    .then((db) => db.getAll('files'))
    .catch(() => []);

export const keptFile = (key: string): Promise<KeptFile | undefined> =>
  database()
    .then((db) => db.get('files', key))
    .catch(() => undefined);
