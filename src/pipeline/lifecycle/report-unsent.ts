import { sharedState } from '../../common/collections/shared-state.js';
import { safely } from '../../common/safely.js';
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
  process.on('exit', () =>
    safely(() => {
      const line = lineOf([...watched].map(destinationsOf));
      if (line !== undefined && process.env['NODE_NO_WARNINGS'] !== '1')
        process.stderr.write(`(node:${process.pid}) TrubricsWarning: ${line}\n`);
    }),
  );
  return watched;
}

/** A destination is code of the application: what one throws says nothing of the others. */
function destinationsOf(readStats: ReadStats): readonly DeliveryStats[] {
  let destinations: readonly DeliveryStats[] = [];
  safely(() => {
    destinations = readStats()?.destinations ?? [];
  });
  return destinations;
}

/** Counts a record once, however many destinations have not got it. */
function lineOf(pipelines: readonly (readonly DeliveryStats[])[]): string | undefined {
  const unsent = pipelines.reduce(
    (sum, destinations) =>
      sum + Math.max(0, ...destinations.map(({ queued, inFlight }) => queued + inFlight)),
    0,
  );
  if (unsent === 0) return undefined;
  const lost = `${unsent === 1 ? '1 record was' : `${unsent} records were`} not sent before the process ended`;
  const error = pipelines.flat().find(({ lastError }) => lastError !== undefined)?.lastError;
  if (error !== undefined) return `${lost} (${error}).`;
  return `${lost}. process.exit() does not wait: set process.exitCode and let the process end by itself, or await flush() before.`;
}
