import type { Server } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { withTimeout } from '../../common/with-timeout.js';
import type { Projects } from './projects.js';
import type { ReadinessProbe } from './readiness.js';

/** Interval of looks at what is in flight. */
const CHECK_MS = 20;

export interface DrainReport {
  /** False if the deadline has passed before everything was done. */
  readonly isComplete: boolean;
  /** Requests that were in flight at the signal. */
  readonly requests: number;
  /** Requests that were cut off at the deadline. */
  readonly aborted: number;
  readonly streams: number;
  /** Records that were forwarded since the start, and those that were not. */
  readonly forwarded: number;
  readonly notForwarded: number;
}

export interface DrainParts {
  readonly http: Server;
  readonly projects: Projects;
  readonly readiness: ReadinessProbe;
  readonly inFlight: () => number;
  readonly deadlineMs: number;
}

/** Stops a server: accepts no more, answers what is in flight, ends live streams, writes what was gathered, forwards what is left. */
export async function drain({
  http,
  projects,
  readiness,
  inFlight,
  deadlineMs,
}: DrainParts): Promise<DrainReport> {
  const endMs = performance.now() + deadlineMs;
  readiness.drain();
  const closed = new Promise<void>((resolve) => http.close(() => resolve()));
  const open = [...projects.open.values()];
  const streams = open.reduce((sum, { live }) => sum + live.clients, 0);
  const requests = Math.max(0, inFlight() - streams);
  for (const { live } of open) live.close();
  while (inFlight() > 0 && performance.now() < endMs) {
    http.closeIdleConnections();
    await delay(CHECK_MS);
  }
  const aborted = inFlight();
  http.closeAllConnections();
  let isClosed = false;
  await withTimeout(async () => {
    await Promise.all([projects.close(), closed]);
    isClosed = true;
  }, endMs - performance.now());
  const stats = open.map(({ forwarding }) => forwarding?.stats());
  const forwarded = stats.reduce((sum, one) => sum + (one?.delivered ?? 0), 0);
  const accepted = stats.reduce((sum, one) => sum + (one?.accepted ?? 0), 0);
  const isComplete = isClosed && aborted === 0;
  return { isComplete, requests, aborted, streams, forwarded, notForwarded: accepted - forwarded };
}
