import { startDetachedTimer } from '../../common/background-timer.js';

/** Time for LangChain to report an abort by itself. Short, because this timer keeps the process alive. */
const REPORT_GRACE_MS = 10;
/** Time for a model that had sent nothing before the abort: it may still answer. */
const FIRST_CHUNK_TIMEOUT_MS = 10_000;

interface Watcher {
  readonly onAbort: () => void;
}

interface WatchedSignal {
  readonly watchers: Set<Watcher>;
  readonly listener: () => void;
}

/** One listener per signal, because a request can make many model calls with one signal and Node warns above ten listeners. */
const watched = new WeakMap<AbortSignal, WatchedSignal>();

/**
 * Calls `onAbort` when `signal` aborts. Needed because LangChain reports no end of a stream that is aborted while its reader is busy.
 *
 * Returns the function that removes the watcher.
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

/** Calls `work` after the time that LangChain needs to report an abort by itself. */
export function afterReportGrace(work: () => void): void {
  setTimeout(work, REPORT_GRACE_MS);
}

/** Calls `work` after the time in which an aborted model may still send a first chunk. */
export function afterFirstChunkTimeout(work: () => void): void {
  startDetachedTimer(FIRST_CHUNK_TIMEOUT_MS, work);
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
