/** A service worker that answers `/rest/redis/…` from a database in IndexedDB. */
import { Brooklet } from '/dist/index.js';
import { handler } from '/dist/rest/index.js';
import { indexedDbStore } from '/dist/storage/indexeddb.js';

/** Opened by the first request of each life of this worker. */
let opened;
const open = async () => {
  const storage = indexedDbStore('service-worker');
  const database = await Brooklet.open('service-worker', { storage });
  return handler(database, { path: '/rest/redis', token: 'secret' });
};

self.addEventListener('install', () => self.skipWaiting());
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));
self.addEventListener('fetch', (event) => {
  if (!new URL(event.request.url).pathname.startsWith('/rest/redis')) return;
  opened ??= open();
  event.respondWith(opened.then((handle) => handle(event.request)));
});
