import { signal } from '@preact/signals';

/** Which dialog of the whole page is asked for. */
export const dialog = signal<'jump' | 'room' | 'keys' | undefined>(undefined);

/** Those on the screen, of whatever kind; the last one is on top. */
const open = new Set<HTMLDialogElement>();

/** @returns What takes it off again. */
export const opened = (element: HTMLDialogElement): (() => void) => {
  open.add(element);
  return () => void open.delete(element);
};

export const topDialog = (): HTMLDialogElement | undefined => [...open].at(-1);

export const hasDialog = (within: HTMLElement | null): boolean => [...open].some((element) => within?.contains(element));
