import type { MiddlewareHandler } from 'hono';
import { hostnameOf, isLoopback, isLoopbackOrigin, parseUrl } from './loopback.js';

export interface GuardOptions {
  /** Hostnames that are accepted in addition to the loopback names, in `Host` and in `Origin`. */
  readonly allowedHosts: ReadonlySet<string>;
  /** Accepts any IP address. Safe, because DNS rebinding needs a name. */
  readonly anyAddress: boolean;
  /** Accepts any name as `Host`. Safe where every reader shows a token: after DNS rebinding, a browser does not send the cookie of another name. */
  readonly anyHost?: boolean;
  /** Path prefixes to which web applications on this machine may post from another port. */
  readonly ingestPaths: readonly string[];
}

/**
 * Refuses requests that a foreign web page could make a browser send: an unknown name in `Host` (DNS rebinding), a foreign `Origin`, a
 * cross-site request. Programs other than browsers send neither `Origin` nor `Sec-Fetch-Site` and pass.
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
    if (origin !== undefined && !ownOrigin && !isAllowedOrigin(origin, options))
      return c.json({ detail: 'Origin not allowed' }, 403);

    if (c.req.header('sec-fetch-site') === 'cross-site') {
      const isNavigation = c.req.method === 'GET' && c.req.header('sec-fetch-mode') === 'navigate';
      const isPage = !url.pathname.startsWith('/api/');
      // To a browser, localhost and 127.0.0.1 are different sites.
      const isLocalIngest =
        origin !== undefined && options.ingestPaths.some((path) => url.pathname.startsWith(path));
      if (!(isNavigation && isPage) && !isLocalIngest)
        return c.json({ detail: 'Cross-site request not allowed' }, 403);
    }
    return next();
  };
}

/**
 * Returns the hostnames that were given as names, as names with a port, or as URLs.
 *
 * @throws TypeError if one is none of these.
 */
export function allowedHostNames(given: readonly string[]): ReadonlySet<string> {
  return new Set(
    given.map((text) => {
      const name = /^https?:\/\//i.test(text) ? parseUrl(text)?.hostname : hostnameOf(text);
      if (name === undefined || name === '')
        throw new TypeError(
          `Allowed host ${JSON.stringify(text)} is no hostname, for instance host.docker.internal.`,
        );
      return name;
    }),
  );
}

/** A proxy may send another `Host` than the browser did. Then the origin is the name under which the server was opened. */
function isAllowedOrigin(origin: string, { allowedHosts }: GuardOptions): boolean {
  return isLoopbackOrigin(origin) || allowedHosts.has(parseUrl(origin)?.hostname ?? '');
}

function isAllowedHost(hostname: string, options: GuardOptions): boolean {
  if (options.anyHost || isLoopback(hostname) || options.allowedHosts.has(hostname)) return true;
  return options.anyAddress && (/^\d+\.\d+\.\d+\.\d+$/.test(hostname) || hostname.startsWith('['));
}
