/** Signature of `fetch` as destinations call it. */
export type FetchLike = (url: string, init: RequestInit) => Promise<Response>;

/**
 * Returns the global `fetch` without the wrapper of an HTTP instrumentation, which would trace our own requests. Wrappers keep the
 * original function in `__original`. Call it for each request: instrumentations may be installed late.
 */
export function unpatchedFetch(): FetchLike {
  const wrapped: FetchLike & { readonly __original?: unknown } = globalThis.fetch;
  const original = typeof wrapped.__original === 'function' ? (wrapped.__original as FetchLike) : wrapped;
  // Browsers and Workers throw if `fetch` is called on anything but the global object.
  return (url, init) => Reflect.apply(original, globalThis, [url, init]);
}

// Standard, but not all in the types of Node.
const OPTIONAL_INIT: readonly object[] = [
  { cache: 'no-store' },
  { credentials: 'omit' },
  { referrerPolicy: 'no-referrer' },
];

let supportedInit: RequestInit | undefined;

/**
 * Returns options that switch off cache, cookies and referrer, as far as the runtime supports them: Cloudflare Workers throw for
 * `credentials`.
 */
export function fetchInit(): RequestInit {
  supportedInit ??= Object.assign({}, ...OPTIONAL_INIT.filter(isSupported)) as RequestInit;
  return supportedInit;
}

function isSupported(init: object): boolean {
  try {
    return new Request('https://trubrics.invalid/', init) instanceof Request;
  } catch {
    return false;
  }
}

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
