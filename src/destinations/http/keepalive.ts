/** Browsers allow 64 kB in all requests that may outlive their page, and refuse one beyond it. */
const MAX_BYTES = 60_000;
const MAX_REQUESTS = 9;

let bytesUnderWay = 0;
let requestsUnderWay = 0;

/**
 * Makes a request so that it outlives the page, if there is a page, and room for it. `fetch` gets what is to be added to the
 * request.
 */
export async function withKeepalive<T>(
  body: string,
  fetch: (init: { keepalive?: true }) => Promise<T>,
): Promise<T> {
  // Three bytes a character at most.
  const bytes = body.length * 3;
  const isPage = 'document' in globalThis;
  if (!isPage || bytesUnderWay + bytes > MAX_BYTES || requestsUnderWay >= MAX_REQUESTS) return fetch({});
  bytesUnderWay += bytes;
  requestsUnderWay++;
  try {
    return await fetch({ keepalive: true });
  } finally {
    bytesUnderWay -= bytes;
    requestsUnderWay--;
  }
}
