import { nodeModule } from '../../common/web/node-module.js';

/** Socket of Node.js, as far as it is used here. */
interface Unrefable {
  unref(): unknown;
  once(event: 'close', listener: () => void): unknown;
}

/** Message of the channel `undici:client:sendHeaders` (https://undici.nodejs.org/#/docs/api/DiagnosticsChannel.md). */
interface SentHeaders {
  readonly request: { readonly origin?: unknown; readonly path?: unknown };
  readonly socket: Unrefable;
}

interface DiagnosticsChannel {
  subscribe(name: string, listener: (message: unknown) => void): void;
}

interface NodeProcess {
  readonly versions?: Readonly<Record<string, string>>;
}

/** Sockets on which requests to these URLs were sent, until they are closed. */
const socketsOf = new Map<string, Set<Unrefable>>();
let isSubscribed = false;

/**
 * Returns a function that lets the process end although a request of the global `fetch` to `url` is in flight. It returns false if the
 * request has no connection yet. Call it before the request. `undefined`: the runtime has no way to do that.
 *
 * `fetch` has no option for it. In Node.js it is undici, which publishes the socket of each request.
 */
export function socketRelease(url: string): (() => boolean) | undefined {
  const { process } = globalThis as { process?: NodeProcess };
  // In a browser or a Worker a request keeps nothing alive.
  if (process === undefined) return () => true;
  if (
    process.versions?.['node'] === undefined ||
    process.versions['bun'] !== undefined ||
    'Deno' in globalThis
  )
    return undefined;
  if (!subscribe()) return undefined;
  const { origin, pathname, search } = new URL(url);
  const key = origin + pathname + search;
  const sockets = socketsOf.get(key) ?? new Set();
  socketsOf.set(key, sockets);
  return () => {
    // undici refs a socket again when its next request starts.
    for (const socket of sockets) socket.unref();
    return sockets.size > 0;
  };
}

function subscribe(): boolean {
  if (isSubscribed) return true;
  const channels = nodeModule('node:diagnostics_channel') as DiagnosticsChannel | undefined;
  channels?.subscribe('undici:client:sendHeaders', (message) => remember(message as SentHeaders));
  isSubscribed = channels !== undefined;
  return isSubscribed;
}

function remember({ request, socket }: SentHeaders): void {
  const sockets = socketsOf.get(`${String(request.origin)}${String(request.path)}`);
  if (!sockets || sockets.has(socket)) return;
  sockets.add(socket);
  socket.once('close', () => sockets.delete(socket));
}
