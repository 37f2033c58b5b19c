import { signal } from '@preact/signals';
import { ApiError } from './api';
import type { Key } from './text';

/** Something that could not be done, and why: a text of the catalogue, and the number in it. */
export const problem = signal<{ key: Key; n?: number } | undefined>(undefined);

const shownMs = 4_000;

/** Something that was done, and that one does not see: told for a moment. */
export const done = signal<Key | undefined>(undefined);

let hiding: ReturnType<typeof setTimeout> | undefined;

export const tellDone = (key: Key): void => {
  clearTimeout(hiding);
  done.value = key;
  hiding = setTimeout(() => {
    done.value = undefined;
  }, shownMs);
};

const reasons: Record<string, Key> = { conflict: 'room.conflict', bad_request: 'room.badName', offline: 'problem.offline' };

/** Why a room could not be made. */
export const whyNotMade = (error: unknown): Key => (error instanceof ApiError ? reasons[error.code] : undefined) ?? 'problem.change';

/** Tells of a request that failed. */
export const tell = (error: unknown): void => {
  problem.value = { key: error instanceof ApiError && error.status === 0 ? 'problem.offline' : 'problem.change' };
};
