// Keeps the page's own files, so that it opens at once and without a network. Messages are kept by the page itself; nothing of /api or /chat
// passes here. A new version waits until the page asks for it.
// The server adds what it made of the document: the owner's name and the policy under which it comes are part of a version.
// The path that the page is under: another one of the same origin is another place, with a worker of its own.
const base = new URL('.', self.location.href).pathname;
const family = `confab${base}`;
const name = `${family}${__VERSION__}-__DOCUMENT__`;
const files = __FILES__.map((file) => base + file);

self.addEventListener('install', (event) => {
  event.waitUntil(caches.open(name).then((cache) => cache.addAll(files.map((file) => new Request(file, { cache: 'no-cache' })))));
});

self.addEventListener('activate', (event) => {
  event.waitUntil(forget().then(() => self.clients.claim()));
});

// Another window may still show the version before, and want the parts of it that it did not load yet.
const forget = async () => {
  const windows = await self.clients.matchAll({ type: 'window', includeUncontrolled: true });
  const others = (await caches.keys()).filter((other) => other.startsWith(family) && !other.slice(family.length).includes('/') && other !== name);
  await Promise.all(others.slice(0, windows.length > 1 ? -1 : undefined).map((other) => caches.delete(other)));
};

self.addEventListener('message', (event) => {
  if (event.data === 'take over') self.skipWaiting();
});

// A notification leads to its message, in a window that is there or in a new one.
self.addEventListener('notificationclick', (event) => {
  const { notification } = event;
  notification.close();
  event.waitUntil(
    self.clients.matchAll({ type: 'window' }).then(([page]) => {
      if (!page) return self.clients.openWindow(notification.data);
      page.postMessage(notification.data);
      // A browser may have its reasons.
      return page.focus().catch(() => {});
    }),
  );
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== self.location.origin) return;
  if (request.mode === 'navigate' && isPage(url.pathname)) event.respondWith(keptPage().then((page) => page ?? fetch(request)));
  else if (url.pathname.startsWith(`${base}assets/`) || files.includes(url.pathname)) event.respondWith(kept(request));
});

const isPage = (path) => path === base || (path.startsWith(base) && /^(rooms|search|settings)(\/|$)/.test(path.slice(base.length)));

const keptPage = async () => (await caches.open(name)).match(base);

// What is not kept yet, as the emoji, is once it was wanted.
const kept = async (request) => {
  const cache = await caches.open(name);
  // A file is what its name says, whoever asks: an answer that says it depends on the origin or the encoding would else not be found.
  const found = (await cache.match(request, { ignoreVary: true })) ?? (await caches.match(request, { ignoreVary: true }));
  if (found) return found;
  const answer = await fetch(request);
  if (answer.ok) void cache.put(request, answer.clone());
  return answer;
};
