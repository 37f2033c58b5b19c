import { signal } from '@preact/signals';
import { ApiError } from './api';
import type { Key } from './text';

/** Something that could not be done, and why: a text of the catalogue, and the number in it. */
export const problem = signal<{ key: Key; n?: number } | undefined>(undefined);

const reasons: Record<string, Key> = { conflict: 'room.conflict', bad_request: 'room.badName', offline: 'problem.offline' };

/** Why a room could not be made. */
export const whyNotMade = (error: unknown): Key => (error instanceof ApiError ? reasons[error.code] : undefined) ?? 'problem.change';

/** Tells of a request that failed. */
export const tell = (error: unknown): void => {
  problem.value = { key: error instanceof ApiError && error.status === 0 ? 'problem.offline' : 'problem.change' };
};
