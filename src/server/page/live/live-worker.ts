import { LiveHub } from './live-hub.js';
import type { WorkerRequest, WorkerResponse } from './live-message.js';

/**
 * A shared worker that keeps one live stream for all pages of one server in a browser, because browsers open at most six HTTP/1.1
 * connections per host: with a stream of its own for each page, the seventh would wait for ever.
 */

/** A page pings the worker every 10 s. Without a ping in this many intervals it is gone: ports do not tell. */
const MAX_MISSED_PINGS = 4;
const PING_MS = 10_000;

const hub = new LiveHub(location.pathname.replace(/\/[^/]*$/, '/api/live'));

addEventListener('connect', (event) => {
  const port = (event as MessageEvent).ports[0];
  if (port) serve(port);
});

function serve(port: MessagePort): void {
  const subscriptions = new Map<number, () => void>();
  let missed = 0;
  const send = (response: WorkerResponse): void => port.postMessage(response);
  const end = (key: number): void => {
    subscriptions.get(key)?.();
    subscriptions.delete(key);
  };
  // Intervals are counted, not time: all of them stand still while a computer sleeps.
  setInterval(() => {
    if (++missed > MAX_MISSED_PINGS) for (const key of subscriptions.keys()) end(key);
  }, PING_MS);
  port.addEventListener('message', ({ data }: MessageEvent<WorkerRequest>) => {
    missed = 0;
    if (data.type === 'ping') send({ type: 'pong', keys: [...subscriptions.keys()] });
    if (data.type === 'reconnect') hub.reconnect();
    if (data.type === 'unsubscribe') end(data.key);
    if (data.type !== 'subscribe') return;
    const { key, query } = data;
    subscriptions.set(
      key,
      hub.subscribe(query, (message) => send({ type: 'message', key, message })),
    );
  });
  port.start();
}
