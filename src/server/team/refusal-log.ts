import type { TeamLog } from './team-server-options.js';
import type { Refused } from './writing-access.js';

/** Interval between two lines about the same refusal: an exporter without its key causes one in every request. */
const LOG_EVERY_MS = 10_000;
/** Kinds of refusals that are told apart. They are few; above it, all start anew. */
const MAX_KINDS = 1000;

/** Writes refusals to the log: the first of each kind at once, then their number every ten seconds. */
export class RefusalLog {
  readonly #log: TeamLog;
  readonly #now: () => number;
  readonly #kinds = new Map<string, { nextMs: number; suppressed: number }>();

  constructor(log: TeamLog, now: () => number = Date.now) {
    this.#log = log;
    this.#now = now;
  }

  add({ reason, status, project, key, problem }: Refused): void {
    const kind = JSON.stringify([reason, project, key, problem]);
    if (this.#kinds.size >= MAX_KINDS) this.#kinds.clear();
    const known = this.#kinds.get(kind) ?? { nextMs: 0, suppressed: 0 };
    this.#kinds.set(kind, known);
    if (this.#now() < known.nextMs) {
      known.suppressed += 1;
      return;
    }
    const requests = known.suppressed + 1;
    known.nextMs = this.#now() + LOG_EVERY_MS;
    known.suppressed = 0;
    this.#log('warn', 'refused', { reason, status, project, key, requests, problem });
  }
}
