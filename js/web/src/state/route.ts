import { batch, computed, signal } from '@preact/signals';
import { base } from './base';

/** Where one is: the address is the only state that says so. */
type Route =
  | { view: 'home' }
  | { view: 'room'; room: string; message: number | undefined; thread: number | undefined }
  | { view: 'search'; query: string }
  | { view: 'settings' };

const parse = (before?: Route): Route => {
  const [first, second, third, fourth] = parts(location.pathname);
  if (first === 'rooms' && second) {
    const room = second.trim().normalize('NFC');
    const message = third && /^\d+$/.test(third) ? Math.min(Number(third), Number.MAX_SAFE_INTEGER - 1) : undefined;
    if (fourth !== 'thread') return { view: 'room', room, message, thread: undefined };
    // A thread lies beside its room, which stays where it is.
    return { view: 'room', room, message: before?.view === 'room' && before.room === room ? before.message : undefined, thread: message };
  }
  if (first === 'search') return { view: 'search', query: new URLSearchParams(location.search).get('q') ?? '' };
  if (first === 'settings') return { view: 'settings' };
  return { view: 'home' };
};

/** Whether a link leads to a room or a message of this server, which the page shows by itself. */
export const isPlace = (link: HTMLAnchorElement): boolean =>
  link.origin === location.origin && link.pathname.startsWith(homeUrl) && /^rooms\/[^/]/.test(link.pathname.slice(homeUrl.length));

/** What an address of the page is made of, without the path that the page is under. */
const parts = (pathname: string): string[] => pathname.slice(base.length).split('/').filter(Boolean).map(decode);

const decode = (part: string): string => {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
};

export const route = signal<Route>(parse());
/** How often one came to a place, the same once more included. A thread that is opened or closed leaves its room where it is. */
export const arrivals = signal(0);

const arrive = (): void => {
  const before = route.peek();
  const now = parse(before);
  const isBeside = before.view === 'room' && now.view === 'room' && before.room === now.room && before.thread !== now.thread;
  batch(() => {
    if (!isBeside) arrivals.value++;
    route.value = now;
  });
};

addEventListener('popstate', arrive);

export const homeUrl = `${base}/`;
export const settingsUrl = `${base}/settings`;

export const roomUrl = (room: string, message?: number): string =>
  `${base}/rooms/${encodeURIComponent(room)}${message === undefined ? '' : `/${message}`}`;

export const threadUrl = (room: string, message: number): string => `${roomUrl(room, message)}/thread`;

/** The thread that is open, by its first message; undefined if none is. */
export const openThread = computed(() => (route.value.view === 'room' ? route.value.thread : undefined));

export const searchUrl = (query: string): string => `${base}/search${query ? `?${new URLSearchParams({ q: query })}` : ''}`;

export const go = (url: string, replace = false): void => {
  if (url !== location.pathname + location.search) history[replace ? 'replaceState' : 'pushState'](null, '', url);
  arrive();
};

/** Whether a click asks for nothing but to be followed here. */
export const isPlain = (event: MouseEvent): boolean => event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;

/** Lets a link of the page be followed without loading it anew; other clicks are the browser's. */
export const follow = (event: MouseEvent): void => {
  const link = event.target instanceof Element ? event.target.closest('a') : null;
  if (!link || !isPlain(event) || link.target || link.hasAttribute('download') || link.origin !== location.origin || event.defaultPrevented) return;
  const path = link.pathname.slice(base.length);
  if (!link.pathname.startsWith(homeUrl) || path.startsWith('/api/') || path.startsWith('/docs') || path.startsWith('/openapi')) return;
  event.preventDefault();
  if (link.hash && link.pathname === location.pathname) document.getElementById(link.hash.slice(1))?.focus();
  else go(link.pathname + link.search);
};
