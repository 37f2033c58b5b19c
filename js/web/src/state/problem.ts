import { signal } from '@preact/signals';
import { ApiError } from './api';
import type { Key } from './text';

/** Something that could not be done, and why: a text of the catalogue, and the number in it. */
export const problem = signal<{ key: Key; n?: number } | undefined>(undefined);

/** Tells of a request that failed. */
export const tell = (error: unknown): void => {
  problem.value = { key: error instanceof ApiError && error.status === 0 ? 'problem.offline' : 'problem.change' };
};
