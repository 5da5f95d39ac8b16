// Shows pushes while no page of Carillon is in view. It keeps no files and answers no requests, so a page is never an older
// one for it; a newer version of this file takes over at once.
self.addEventListener('install', () => self.skipWaiting());
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));

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
