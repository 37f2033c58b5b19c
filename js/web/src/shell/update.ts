import { signal } from '@preact/signals';
import { workerUrl } from '../state/trusted';

/** Takes over a new version of the page that is ready, in this window; undefined while there is none. Nothing is exchanged behind one's back. */
export const update = signal<(() => void) | undefined>(undefined);

const checkMs = 60 * 60_000;

export const register = async (): Promise<void> => {
  if (!('serviceWorker' in navigator) || import.meta.env.DEV) return;
  const registration = await navigator.serviceWorker.register(workerUrl());
  let isMine = false;
  const offer = () => {
    const { waiting } = registration;
    if (!waiting || !navigator.serviceWorker.controller) return;
    update.value = () => {
      isMine = true;
      waiting.postMessage('take over');
    };
  };
  offer();
  registration.addEventListener('updatefound', () => registration.installing?.addEventListener('statechange', offer));
  let { controller } = navigator.serviceWorker;
  navigator.serviceWorker.addEventListener('controllerchange', () => {
    const before = controller;
    ({ controller } = navigator.serviceWorker);
    if (!before) return;
    // Where somebody writes in another window, the page goes on as it is, until that is wanted there, too.
    if (isMine) location.reload();
    else update.value = () => location.reload();
  });
  setInterval(() => void registration.update().catch(() => {}), checkMs);
};
