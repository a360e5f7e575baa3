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
