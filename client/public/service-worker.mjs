// Two things that a page can't do itself: it loads the page where there is no network, and it shows pushes while no page of
// Carillon is in view. A newer version of this file takes over at once.

/** The files of the build that this one belongs to; `client/vite/offline-shell.ts` says which. None in development. */
const build = undefined;

const scope = new URL(self.registration.scope);
/** Another Carillon on this origin, elsewhere below it, has its own. */
const ownCaches = `carillon-shell ${scope.pathname} `;
const cacheName = ownCaches + build?.version;
/** A network that says nothing for so long is none. */
const patienceMs = 5_000;

self.addEventListener('install', (event) => {
  self.skipWaiting();
  event.waitUntil(keepShell());
});
self.addEventListener('activate', (event) => {
  event.waitUntil(Promise.all([self.clients.claim(), forgetOthers()]));
});

self.addEventListener('fetch', (event) => {
  const { method, mode, url } = event.request;
  if (!build || method !== 'GET' || !url.startsWith(scope.href)) return;
  const path = new URL(url).pathname.slice(scope.pathname.length);
  if (mode === 'navigate') {
    if (isPage(path)) event.respondWith(pageAt(path, event));
  } else if (build.files.includes(`./${path}`)) {
    event.respondWith(fileAt(path, event.request));
  }
});

/** Without room, or where storage is forbidden, there is no page without a network. */
async function keepShell() {
  if (!build) return;
  try {
    const cache = await caches.open(cacheName);
    await cache.addAll(['./', ...build.files].map((path) => new URL(path, scope)));
    const page = await (await cache.match(scope)).text();
    // While nodes of two versions answer, it may be the other one's page.
    const named = page.match(/\.\/assets\/[^"]+/g) ?? [];
    if (!named.every((path) => build.files.includes(path)))
      throw new Error('The page is of another version.');
  } catch {
    await caches.delete(cacheName).catch(() => undefined);
  }
}

async function forgetOthers() {
  const names = await caches.keys().catch(() => []);
  const others = names.filter((name) => name.startsWith(ownCaches) && name !== cacheName);
  await Promise.all(others.map((name) => caches.delete(name)));
}

/** The server's, wherever it answers: a page that is kept may be older than the server is. */
async function pageAt(path, event) {
  const answer = await Promise.race([fetch(event.request).catch(() => undefined), silence()]);
  const isOfProxy = answer === undefined || [502, 503, 504].includes(answer.status);
  const kept = isOfProxy ? await keptPage(path) : undefined;
  if (!isOfProxy && !(await caches.has(cacheName))) event.waitUntil(keepShell());
  return kept ?? answer ?? fetch(event.request);
}

function silence() {
  return new Promise((resolve) => setTimeout(resolve, patienceMs));
}

/** The page as the server has it for that path: with its files so many folders above. It knows that it was kept. */
async function keptPage(path) {
  const answer = await kept(scope);
  if (!answer) return undefined;
  const html = await answer.text();
  const up = '../'.repeat(path.split('/').length - 1) || './';
  const headers = new Headers(answer.headers);
  for (const name of ['Content-Encoding', 'Content-Length', 'ETag']) headers.delete(name);
  return new Response(html.replaceAll('="./', `="${up}`).replace('<html ', '<html data-kept '), { headers });
}

/** What has a hash in its name never changes. */
async function fileAt(path, request) {
  if (path.startsWith('assets/')) return (await kept(request)) ?? fetch(request);
  return fetch(request).catch(async () => (await kept(request)) ?? Response.error());
}

/** Of this version alone. */
async function kept(request) {
  try {
    const cache = await caches.open(cacheName);
    return await cache.match(request, { ignoreVary: true });
  } catch {
    return undefined;
  }
}

/** What the server would answer with the page. */
function isPage(path) {
  return !path.includes('.') && !/^(api|ws|stomp|livez|readyz|metrics)(\/|$)/.test(path);
}

self.addEventListener('push', (event) => event.waitUntil(show(payloadOf(event.data))));

self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  event.waitUntil(openPage());
});

async function show({ notificationId, title, text, isCritical, language }) {
  const isTest = notificationId === 0;
  const pages = await self.clients.matchAll({ type: 'window', includeUncontrolled: true });
  // That page rings by itself.
  if (!isTest && pages.some((page) => page.visibilityState === 'visible')) return;
  await self.registration.showNotification(title, {
    body: text,
    lang: language,
    dir: 'auto',
    // One notice of an alert, however often it comes, and whoever else shows it.
    tag: `carillon-${notificationId}`,
    requireInteraction: isCritical === true,
    icon: 'mark.svg',
  });
}

/** A browser that is sent a push must show something, whatever that was. */
function payloadOf(data) {
  const unknown = {
    notificationId: -1,
    title: 'Carillon',
    text: 'You have an update',
    isCritical: false,
    language: '',
  };
  try {
    return { ...unknown, ...data.json() };
  } catch {
    return unknown;
  }
}

async function openPage() {
  const pages = await self.clients.matchAll({ type: 'window', includeUncontrolled: true });
  if (pages.length > 0) await pages[0].focus();
  else await self.clients.openWindow('./');
}
