import { backgroundTimer } from '../../common/background-timer.js';

/** A token after the abort shows that the stream goes on; silence, that nobody reads it any more. */
const GRACE_MS = 10;
const PATIENCE_MS = 10_000;

interface Watcher {
  readonly onAbort: () => void;
}

interface WatchedSignal {
  readonly watchers: Set<Watcher>;
  readonly listener: () => void;
}

/** One listener for each signal: Node warns above ten, and a request may make many model calls with its one signal. */
const watched = new WeakMap<AbortSignal, WatchedSignal>();

/**
 * Calls `onAbort` when `signal` aborts. LangChain tells no end of a stream that is aborted while its reader is busy.
 * Answers the function that ends the watch.
 */
export function watchAbort(signal: AbortSignal, onAbort: () => void): () => void {
  const watcher: Watcher = { onAbort };
  let entry = watched.get(signal);
  if (!entry) {
    const watchers = new Set<Watcher>();
    entry = { watchers, listener: () => notifyAll(watchers) };
    watched.set(signal, entry);
  }
  if (entry.watchers.size === 0) signal.addEventListener('abort', entry.listener, { once: true });
  entry.watchers.add(watcher);
  return () => unwatch(signal, watcher);
}

/** Waits until what the abort itself sets off has happened. Too short to matter to a process that wants to exit. */
export function afterGrace(work: () => void): void {
  setTimeout(work, GRACE_MS);
}

/** Waits for a model that may still answer although its signal has aborted. */
export function afterPatience(work: () => void): void {
  backgroundTimer(PATIENCE_MS, work);
}

export function isAbortSignal(value: unknown): value is AbortSignal {
  const signal = value as Partial<AbortSignal> | null | undefined;
  return typeof signal?.addEventListener === 'function' && typeof signal.removeEventListener === 'function';
}

function notifyAll(watchers: Set<Watcher>): void {
  for (const { onAbort } of watchers) onAbort();
}

function unwatch(signal: AbortSignal, watcher: Watcher): void {
  const entry = watched.get(signal);
  if (!entry?.watchers.delete(watcher) || entry.watchers.size > 0) return;
  signal.removeEventListener('abort', entry.listener);
}
