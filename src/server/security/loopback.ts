/** All of 127.0.0.0/8 is this machine. */
const LOOPBACK = /^(?:localhost|\[::1\]|127(?:\.\d{1,3}){3})$/i;

/** Returns true for the names of this machine. `hostname` is written as in `URL.hostname`. */
export function isLoopback(hostname: string): boolean {
  return LOOPBACK.test(hostname);
}

/** Returns true if a server that listens on this address can be reached from this machine only. */
export function isLoopbackAddress(host: string): boolean {
  return isLoopback(host) || host === '::1';
}

export function isLoopbackOrigin(origin: string): boolean {
  const url = parseUrl(origin);
  return url !== undefined && /^https?:$/.test(url.protocol) && isLoopback(url.hostname);
}

/**
 * Returns the hostname of a `Host` header; undefined if it is malformed. Parsed as a URL, so that `127.0.0.1.evil.example` and
 * `localhost@evil.example` are not taken for loopback names.
 */
export function hostnameOf(host: string): string | undefined {
  if (!/^[\w.:[\]-]+$/.test(host)) return undefined;
  return parseUrl(`http://${host}`)?.hostname;
}

export function parseUrl(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}
