import type { MiddlewareHandler } from 'hono';
import { hostnameOf, isLoopback, isLoopbackOrigin, parseUrl } from './loopback.js';

export interface GuardOptions {
  /** Names, besides the loopback ones, under which browsers may reach this server. */
  readonly allowedHosts: ReadonlySet<string>;
  /** An address literal cannot be the target of DNS rebinding, so a server that listens on the network takes any. */
  readonly anyAddress: boolean;
  /** Paths below which applications in browsers on this machine may post from another port. */
  readonly ingestPaths: readonly string[];
}

/**
 * Refuses what a foreign web page could make a browser send to a server on this machine: a rebound name in `Host`, a foreign
 * `Origin`, a cross-site request. Programs send neither `Origin` nor `Sec-Fetch-Site` and pass.
 */
export function requestGuard(options: GuardOptions): MiddlewareHandler {
  return async (c, next) => {
    const url = new URL(c.req.url);
    const host = c.req.header('host') ?? url.host;
    const hostname = hostnameOf(host);
    if (hostname === undefined || !isAllowedHost(hostname, options))
      return c.json({ detail: 'Host not allowed: open this server by its loopback address' }, 403);

    const origin = c.req.header('origin');
    const ownOrigin = origin !== undefined && parseUrl(origin)?.host === new URL(`http://${host}`).host;
    if (origin !== undefined && !ownOrigin && !isLoopbackOrigin(origin))
      return c.json({ detail: 'Origin not allowed' }, 403);

    if (c.req.header('sec-fetch-site') === 'cross-site') {
      const isNavigation = c.req.method === 'GET' && c.req.header('sec-fetch-mode') === 'navigate';
      const isPage = !url.pathname.startsWith('/api/');
      // localhost and 127.0.0.1 are different sites to a browser.
      const isLocalSender =
        origin !== undefined && options.ingestPaths.some((path) => url.pathname.startsWith(path));
      if (!(isNavigation && isPage) && !isLocalSender)
        return c.json({ detail: 'Cross-site request not allowed' }, 403);
    }
    return next();
  };
}

function isAllowedHost(hostname: string, options: GuardOptions): boolean {
  if (isLoopback(hostname) || options.allowedHosts.has(hostname)) return true;
  return options.anyAddress && (/^\d+\.\d+\.\d+\.\d+$/.test(hostname) || hostname.startsWith('['));
}
