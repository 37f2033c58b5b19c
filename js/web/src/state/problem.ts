import { signal } from '@preact/signals';
import { ApiError } from './api';
import type { Key } from './text';

/** Something that could not be done, and why: a key of the catalogue. */
export const problem = signal<Key | undefined>(undefined);

/** Tells of a request that failed. */
export const tell = (error: unknown): void => {
  problem.value = error instanceof ApiError && error.status === 0 ? 'problem.offline' : 'problem.change';
};
