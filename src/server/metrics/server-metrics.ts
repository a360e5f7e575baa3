import type { Project } from '../http/project.js';
import { MetricRegistry, type Counter, type Histogram, type Sample } from './metric-registry.js';
import { addProcessMetrics } from './process-metrics.js';

/** Why a request of an application was refused. */
export type RefusalReason =
  | 'unauthorized'
  | 'wrong_project'
  | 'quota'
  | 'busy'
  | 'too_large'
  | 'unsupported_type'
  | 'invalid'
  | 'unknown_path'
  | 'store_failed';

/** Sources that the metrics read when they are asked for. */
export interface MeasuredServer {
  readonly version: string;
  readonly projects: () => ReadonlyMap<string, Project>;
  readonly bytesInFlight: () => number;
}

/** Inserts are gathered for up to 200 ms; a slow engine takes seconds. */
const WRITE_BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
/** Seconds of a request. Most are answered within the gathering of inserts. */
const REQUEST_BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** The metrics of a server for teams. `docs/fleet.md` lists them. */
export class ServerMetrics {
  readonly #registry = new MetricRegistry();
  readonly requests: Counter;
  readonly requestSeconds: Histogram;
  readonly records: Counter;
  readonly refused: Counter;
  readonly writeSeconds: Histogram;
  readonly storeErrors: Counter;

  constructor(server: MeasuredServer) {
    const registry = this.#registry;
    registry.gauge('trubrics_build_info', 'Version of the server, as a label.', () => [
      { labels: { version: server.version }, value: 1 },
    ]);
    this.requests = registry.counter(
      'trubrics_http_requests_total',
      'Answered requests, by method, route and status.',
    );
    this.requestSeconds = registry.histogram(
      'trubrics_http_request_duration_seconds',
      'Time until the answer began, of all requests but live streams.',
      REQUEST_BOUNDS,
    );
    this.records = registry.counter(
      'trubrics_records_total',
      'Records that were stored, by project and kind. A record that was replaced counts again.',
    );
    this.refused = registry.counter(
      'trubrics_refused_requests_total',
      'Requests of applications that were refused, by project and reason.',
    );
    this.writeSeconds = registry.histogram(
      'trubrics_store_write_duration_seconds',
      'Time until the engine has acknowledged a write, with the time for which it was gathered.',
      WRITE_BOUNDS,
    );
    this.storeErrors = registry.counter(
      'trubrics_store_errors_total',
      'Calls of the engine that failed, by operation.',
    );
    registry.gauge('trubrics_bytes_in_flight', 'Bytes of the bodies that are being received.', () => [
      { value: server.bytesInFlight() },
    ]);
    addProjectMetrics(registry, server.projects);
    addProcessMetrics(registry);
  }

  render(): string {
    return this.#registry.render();
  }
}

function addProjectMetrics(registry: MetricRegistry, projects: MeasuredServer['projects']): void {
  const each = (read: (project: Project) => number | undefined) => (): readonly Sample[] =>
    Array.from(projects(), ([project, parts]) => ({ labels: { project }, value: read(parts) })).filter(
      (sample): sample is { labels: { project: string }; value: number } => sample.value !== undefined,
    );
  registry.gauge(
    'trubrics_live_streams',
    'Open pages.',
    each(({ live }) => live.clients),
  );
  registry.gauge(
    'trubrics_store_outage',
    '1 while writes fail.',
    each((project) => (project.status().outage ? 1 : 0)),
  );
  registry.gauge(
    'trubrics_join_spans',
    'Spans in the join memory.',
    each((project) => project.joinMemory().spans),
  );
  registry.gauge(
    'trubrics_join_characters',
    'Approximate size of the join memory.',
    each((project) => project.joinMemory().characters),
  );
  registry.gauge(
    'trubrics_join_traces',
    'Traces with calls in the join memory.',
    each((project) => project.joinMemory().traces),
  );
  registry.gauge(
    'trubrics_join_traces_with_gaps',
    'Those in which a parent span is missing: it has not ended, or another server has got it.',
    each((project) => project.joinMemory().tracesWithGaps),
  );
  registry.counted(
    'trubrics_join_completed_records_total',
    'Records of another server, or of before a restart, that spans or evaluations of this server have completed.',
    each((project) => project.completedByLateFacts()),
  );
  registry.gauge(
    'trubrics_join_waiting_log_records',
    'Log records of calls that wait for their span.',
    each((project) => project.status().logs.waiting),
  );
  registry.counted(
    'trubrics_join_unmatched_log_records_total',
    'Log records of calls whose span did not come to this server.',
    each((project) => project.status().logs.unmatched),
  );
  registry.counted(
    'trubrics_forwarded_records_total',
    'Records that were forwarded.',
    each(({ forwarding }) => forwarding?.stats().delivered),
  );
  registry.gauge(
    'trubrics_forwarding_queued_records',
    'Records that wait to be forwarded.',
    each(({ forwarding }) => {
      const stats = forwarding?.stats();
      return stats && stats.queued + stats.inFlight;
    }),
  );
  registry.counted(
    'trubrics_forwarding_dropped_records_total',
    'Records that could not be forwarded, by reason.',
    () =>
      Array.from(projects()).flatMap(([project, { forwarding }]) =>
        Object.entries(forwarding?.stats().dropped ?? {})
          .filter(([, count]) => count > 0)
          .map(([reason, value]) => ({ labels: { project, reason }, value })),
      ),
  );
}
