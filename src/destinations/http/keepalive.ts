/** Limit of all `keepalive` bodies in flight. Browsers refuse a request that exceeds 64 KiB in total. */
const MAX_BYTES = 60_000;
/** Limit of `keepalive` requests in flight. Browsers refuse the tenth. */
const MAX_REQUESTS = 9;

let bytesInFlight = 0;
let requestsInFlight = 0;

/**
 * Calls `fetch` with the options to add to its request: `keepalive`, which lets a request outlive its page, if there is a page and
 * the limits of browsers permit it.
 */
export async function withKeepalive<T>(
  body: string,
  fetch: (init: { keepalive?: true }) => Promise<T>,
): Promise<T> {
  // UTF-8 has at most three bytes for a UTF-16 unit.
  const bytes = body.length * 3;
  const isPage = 'document' in globalThis;
  if (!isPage || bytesInFlight + bytes > MAX_BYTES || requestsInFlight >= MAX_REQUESTS) return fetch({});
  bytesInFlight += bytes;
  requestsInFlight++;
  try {
    return await fetch({ keepalive: true });
  } finally {
    bytesInFlight -= bytes;
    requestsInFlight--;
  }
}
