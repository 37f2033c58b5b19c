import { effect } from '@preact/signals';
import type { Message } from 'confab-client';
import { base } from './base';
import { mentions } from './mention';
import type { Room } from './room';
import { go, roomUrl } from './route';
import { levelOf, settings } from './settings';
import { wordsOf } from './words';

const burstMs = 1_000;
const patienceMs = 300;
let soundedAt = 0;

/** Tells of a message that nobody looks at, as far as that is wanted. */
export const notify = (room: Room, message: Message): void => {
  const { name, notifications, sound } = settings.peek();
  const isLookedAt = document.hasFocus() && room.isShown;
  const level = levelOf(room.name);
  const isWanted = level === 'all' || (level === 'mentions' && mentions(message, name));
  if (!isWanted || isLookedAt) return;
  // Another window may be looking: then it says that this was read.
  setTimeout(() => {
    if (message.id <= room.read.peek()) return;
    if (sound) beep();
    if (notifications && mayShow()) void show(room, message).catch(() => {});
  }, patienceMs);
};

/** Takes back what the system shows of messages that were read, here or elsewhere. */
export const dismiss = (room: Room): void => {
  if (mayShow()) void close(room).catch(() => {});
};

const mayShow = (): boolean => 'Notification' in globalThis && Notification.permission === 'granted';

const close = async (room: Room): Promise<void> => {
  const registration = await navigator.serviceWorker?.getRegistration();
  for (const shown of (await registration?.getNotifications({ tag: room.name })) ?? []) {
    const message = Number(String(shown.data).split('/').at(-1));
    if (message <= room.read.peek()) shown.close();
  }
};

// Through the service worker, which is the only way on a telephone, and answers when the page is gone.
const show = async (room: Room, message: Message): Promise<void> => {
  const registration = await navigator.serviceWorker?.getRegistration();
  const options = { body: wordsOf(message).slice(0, 200), tag: room.name, icon: `${base}/icon.svg`, data: roomUrl(room.name, message.id) };
  await registration?.showNotification(`${message.username} · #${room.name}`, options);
  // It may have been read while the system was at it.
  if (message.id <= room.read.peek()) await close(room);
};

/** Goes where a notification leads that was pressed. */
export const followNotifications = (): void => {
  navigator.serviceWorker?.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
    if (typeof data === 'string') go(data);
  });
};

/** The number of unread in the window's title and on the app's icon. */
export const showCounts = (counts: () => { unread: number; mentioned: number; title: string }): void => {
  effect(() => {
    const { unread, mentioned, title } = counts();
    document.title = `${mentioned > 0 ? `(${mentioned}) ` : unread > 0 ? '• ' : ''}${title}`;
    if (!('setAppBadge' in navigator)) return;
    const shown = mentioned > 0 ? navigator.setAppBadge(mentioned) : unread > 0 ? navigator.setAppBadge() : navigator.clearAppBadge();
    shown.catch(() => {}); // only an installed page has an icon
  });
};

// Two soft notes, made here: no file to load.
const beep = (): void => {
  const now = Date.now();
  if (now - soundedAt < burstMs) return;
  soundedAt = now;
  const audio = new AudioContext();
  for (const [index, pitch] of [660, 880].entries()) {
    const start = audio.currentTime + index * 0.12;
    const tone = audio.createOscillator();
    const volume = audio.createGain();
    tone.frequency.value = pitch;
    volume.gain.setValueAtTime(0.08, start);
    volume.gain.exponentialRampToValueAtTime(0.001, start + 0.25);
    tone.connect(volume).connect(audio.destination);
    tone.start(start);
    tone.stop(start + 0.25);
  }
  setTimeout(() => void audio.close(), burstMs);
};
