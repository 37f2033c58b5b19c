import { type ReadonlySignal, signal } from '@preact/signals';

const watch = (query: string): ReadonlySignal<boolean> => {
  const list = matchMedia(query);
  const matches = signal(list.matches);
  list.addEventListener('change', () => {
    matches.value = list.matches;
  });
  return matches;
};

/** Whether there is space for one view only. */
export const isNarrow = watch('(max-width: 720px)');
/** Whether there is a pointer, and with it a keyboard that covers nothing. */
export const hasPointer = watch('(hover: hover)');
