import { signal } from '@preact/signals';

const midnight = (days = 0): number => {
  const now = new Date();
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() + days).getTime();
};

/** The beginning of this day: what is named after days changes with it. */
export const today = signal(midnight());

let timer: ReturnType<typeof setTimeout> | undefined;

const look = (): void => {
  today.value = midnight();
  clearTimeout(timer);
  timer = setTimeout(look, midnight(1) - Date.now());
};

look();
// A timer stands still while the machine sleeps.
document.addEventListener('visibilitychange', look);
