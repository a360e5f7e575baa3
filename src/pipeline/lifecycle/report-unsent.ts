import { sharedState } from '../../common/collections/shared-state.js';
import type { DeliveryStats } from '../../delivery/model/delivery-stats.js';

/** Members of Node's `process` that are used. Other runtimes have some of them or none. */
interface ProcessLike {
  readonly pid: number;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stderr: { write(text: string): unknown };
  on(event: 'exit', listener: () => void): unknown;
}

type ReadStats = () => { readonly destinations: readonly DeliveryStats[] } | undefined;

/** Shared by all copies of this package in the process, so that there is one listener and one line. */
const KEY = Symbol.for('opentelemetry-exporter-trubrics.report-unsent');

/**
 * Says on standard error how many records are lost when the process exits, as `process.exit()` waits for no request. A process warning
 * would come too late.
 *
 * @returns a function that ends the watch.
 */
export function reportUnsentAtExit(readStats: ReadStats): () => void {
  const { process } = globalThis as { process?: Partial<ProcessLike> };
  if (typeof process?.on !== 'function' || typeof process.stderr?.write !== 'function') return () => {};
  try {
    const watched = sharedState(KEY, () => watchExit(process as ProcessLike));
    watched.add(readStats);
    return () => void watched.delete(readStats);
  } catch {
    // The edge runtime of Next.js has members of `process` that throw when they are called.
    return () => {};
  }
}

function watchExit(process: ProcessLike): Set<ReadStats> {
  const watched = new Set<ReadStats>();
  process.on('exit', () => {
    const line = lineOf([...watched].flatMap((readStats) => readStats()?.destinations ?? []));
    if (line !== undefined && process.env['NODE_NO_WARNINGS'] !== '1')
      process.stderr.write(`(node:${process.pid}) TrubricsWarning: ${line}\n`);
  });
  return watched;
}

function lineOf(destinations: readonly DeliveryStats[]): string | undefined {
  const unsent = destinations.reduce((sum, { queued, inFlight }) => sum + queued + inFlight, 0);
  if (unsent === 0) return undefined;
  const lost = `${unsent === 1 ? '1 record was' : `${unsent} records were`} not sent before the process ended`;
  const error = destinations.find(({ lastError }) => lastError !== undefined)?.lastError;
  if (error !== undefined) return `${lost} (${error}).`;
  return `${lost}. process.exit() does not wait: set process.exitCode and let the process end by itself, or await flush() before.`;
}
