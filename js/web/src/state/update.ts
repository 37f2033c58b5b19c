import { signal } from '@preact/signals';
import { workerUrl } from './trusted';

/** Takes over a new version of the page that is ready; undefined while there is none. Nothing is exchanged behind one's back. */
export const update = signal<(() => void) | undefined>(undefined);

const checkMs = 60 * 60_000;

export const register = async (): Promise<void> => {
  if (!('serviceWorker' in navigator) || import.meta.env.DEV) return;
  const registration = await navigator.serviceWorker.register(workerUrl());
  const offer = () => {
    const { waiting } = registration;
    if (waiting && navigator.serviceWorker.controller) update.value = () => waiting.postMessage('take over');
  };
  offer();
  registration.addEventListener('updatefound', () => registration.installing?.addEventListener('statechange', offer));
  const { controller } = navigator.serviceWorker;
  navigator.serviceWorker.addEventListener('controllerchange', () => {
    if (controller) location.reload();
  });
  setInterval(() => void registration.update().catch(() => {}), checkMs);
};
