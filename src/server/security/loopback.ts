const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]']);

/** Whether a hostname, as `URL` writes it, is this machine by one of its three usual names. */
export function isLoopback(hostname: string): boolean {
  return LOOPBACK.has(hostname.toLowerCase());
}

/** Whether an address to listen at can be reached from this machine alone. */
export function isLoopbackAddress(host: string): boolean {
  return isLoopback(host) || host === '::1';
}

export function isLoopbackOrigin(origin: string): boolean {
  const url = parseUrl(origin);
  return url !== undefined && /^https?:$/.test(url.protocol) && isLoopback(url.hostname);
}

/** The hostname in a `Host` header: parsed, so that `127.0.0.1.evil.example` or `localhost@evil.example` are what they are. */
export function hostnameOf(host: string): string | undefined {
  if (!/^[\w.:[\]-]+$/.test(host)) return undefined;
  return parseUrl(`http://${host}`)?.hostname;
}

export function parseUrl(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}
