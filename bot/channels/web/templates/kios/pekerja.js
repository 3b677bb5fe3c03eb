// The service worker of the kiosk: keeps the page and the published entries, and nothing that a person says.
"use strict";

const KEPT = [
  "/kios",
  "/kios/isi.json",
{% for name in files %}
  "{{ static(name) | safe }}",
{% endfor %}
];
const CACHE = "silvi-kios {{ files | map('mark') | join(' ') }}";
const PATIENCE_MS = 4000;

addEventListener("install", (event) => {
  skipWaiting();
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(KEPT)));
});

addEventListener("activate", (event) => {
  const outdated = async () => {
    const names = await caches.keys();
    await Promise.all(names.filter((name) => name !== CACHE).map((name) => caches.delete(name)));
    await clients.claim();
  };
  event.waitUntil(outdated());
});

addEventListener("fetch", (event) => {
  const { pathname, search } = new URL(event.request.url);
  if (event.request.method !== "GET" || !KEPT.includes(pathname + search)) return;
  event.respondWith(search ? fromCache(event.request) : fromNetwork(event.request));
});

// Its address changes with its content.
async function fromCache(request) {
  return (await caches.match(request)) ?? fetch(request);
}

async function fromNetwork(request) {
  const cache = await caches.open(CACHE);
  try {
    const response = await fetch(request, { signal: AbortSignal.timeout(PATIENCE_MS) });
    if (response.ok && !response.redirected) await cache.put(request.url, response.clone());
    if (response.status < 500) return response;
    return (await cache.match(request.url)) ?? response;
  } catch (error) {
    const kept = await cache.match(request.url);
    if (kept) return kept;
    throw error;
  }
}
