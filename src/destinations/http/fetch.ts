/** The part of `fetch` that a destination uses. */
export type FetchLike = (url: string, init: RequestInit) => Promise<Response>;

/**
 * The global `fetch`, without the wrapper that a patching HTTP instrumentation put around it: such wrappers keep the
 * original in `__original`. Looked up for each request, since instrumentations may come late.
 */
export function untracedFetch(): FetchLike {
  const wrapped: FetchLike & { readonly __original?: unknown } = globalThis.fetch;
  const original = typeof wrapped.__original === 'function' ? (wrapped.__original as FetchLike) : wrapped;
  // Browsers and Workers refuse a fetch that is called on anything but the global object.
  return (url, init) => Reflect.apply(original, globalThis, [url, init]);
}

// Standard, though the types of Node do not know them all.
const OPTIONAL_INIT: readonly object[] = [
  { cache: 'no-store' },
  { credentials: 'omit' },
  { referrerPolicy: 'no-referrer' },
];

let supportedInit: RequestInit | undefined;

/** Nothing cached, no cookies, no referrer; without what the runtime refuses (Cloudflare Workers know no `credentials`). */
export function fetchInit(): RequestInit {
  supportedInit ??= Object.assign({}, ...OPTIONAL_INIT.filter(isAccepted)) as RequestInit;
  return supportedInit;
}

function isAccepted(wish: object): boolean {
  try {
    return new Request('https://trubrics.invalid/', wish) instanceof Request;
  } catch {
    return false;
  }
}
