import { sharedState } from '../../common/collections/shared-state.js';

/** Members of Node's `process` that are used. Other runtimes have some of them or none. */
interface ProcessLike {
  readonly pid: number;
  on(event: string, listener: (signal?: string) => void): unknown;
  prependListener(event: string, listener: (signal?: string) => void): unknown;
  off(event: string, listener: (signal?: string) => void): unknown;
  listenerCount(event: string): number;
  kill(pid: number, signal: string): unknown;
}

type Flush = () => Promise<void>;

/** Shared by all copies of this package in the process. Otherwise each would take the other's listener for the application's. */
interface ExitRegistry {
  readonly flushes: Set<Flush>;
  install: () => void;
  uninstall: () => void;
}

const SIGNALS = ['SIGTERM', 'SIGINT'];
const KEY = Symbol.for('opentelemetry-exporter-trubrics.flush-on-exit');

/**
 * Flushes when the process has nothing left to do, and on SIGTERM and SIGINT.
 *
 * If no other listener exists for the signal, the process is killed by it after the flush, as it would have been without us. Otherwise
 * the other listener ends the process. A second signal kills the process at once.
 *
 * @returns a function that removes the listeners.
 */
export function flushOnExit(flush: Flush): () => void {
  const { process } = globalThis as { process?: Partial<ProcessLike> };
  if (typeof process?.prependListener !== 'function' || typeof process.kill !== 'function') return () => {};
  const registry = sharedState(KEY, () => createRegistry(process as ProcessLike));
  if (registry.flushes.size === 0 && !canInstall(registry)) return () => {};
  registry.flushes.add(flush);
  return () => {
    registry.flushes.delete(flush);
    if (registry.flushes.size === 0) registry.uninstall();
  };
}

/** Returns false in the edge runtime of Next.js, whose `process` has these functions, and throws when they are called. */
function canInstall(registry: ExitRegistry): boolean {
  try {
    registry.install();
    return true;
  } catch {
    return false;
  }
}

function createRegistry(process: ProcessLike): ExitRegistry {
  const flushes = new Set<Flush>();
  let hasFlushedAtEnd = false;
  let isEnding = false;
  const flushAll = () => Promise.all([...flushes].map((flush) => flush()));
  const killBy = (signal: string): void => {
    uninstall();
    process.kill(process.pid, signal);
  };

  const onBeforeExit = (): void => {
    // Only once: with a destination that is down, every flush would bring another `beforeExit`, and the process would never end.
    if (hasFlushedAtEnd) return;
    hasFlushedAtEnd = true;
    void flushAll();
  };
  const onSignal = (signal = 'SIGTERM'): void => {
    const isOurs = process.listenerCount(signal) === 1;
    if (isEnding) return isOurs ? killBy(signal) : undefined;
    isEnding = true;
    void flushAll().then(() => (isOurs ? killBy(signal) : (isEnding = false)));
  };

  function install(): void {
    process.on('beforeExit', onBeforeExit);
    // Before other listeners, so that `listenerCount` still counts those that remove themselves when called.
    for (const signal of SIGNALS) process.prependListener(signal, onSignal);
  }
  function uninstall(): void {
    process.off('beforeExit', onBeforeExit);
    for (const signal of SIGNALS) process.off(signal, onSignal);
  }
  return { flushes, install, uninstall };
}
