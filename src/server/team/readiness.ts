import { withTimeout } from '../../common/with-timeout.js';
import { reasonOf } from '../ingest/store-health.js';
import type { Projects } from './projects.js';

/** Answer to a load balancer: may it send requests? */
export type Readiness =
  | { readonly isReady: true }
  | {
      readonly isReady: false;
      readonly status: 'starting' | 'draining' | 'unavailable';
      readonly reason: string;
    };

/** Time in which the engine has to answer. */
const TIMEOUT_MS = 2000;
/** Time for which an answer is used again, so that probes cost the engine next to nothing. */
const CACHE_MS = 1000;

/** Knows whether this server can do its work. */
export class ReadinessProbe {
  readonly #projects: Projects;
  #phase: 'starting' | 'serving' | 'draining' = 'starting';
  #startReason = 'the store is being opened';
  #cached: { readonly untilMs: number; readonly result: Promise<Readiness> } | undefined;

  constructor(projects: Projects) {
    this.#projects = projects;
  }

  /** Tells why the start takes long. */
  waitFor(error: unknown): void {
    this.#startReason = `waiting for the store: ${reasonOf(error)}`;
  }

  serve(): void {
    this.#phase = 'serving';
  }

  drain(): void {
    this.#phase = 'draining';
  }

  async check(): Promise<Readiness> {
    if (this.#phase === 'draining')
      return { isReady: false, status: 'draining', reason: 'this server is being stopped' };
    if (this.#phase === 'starting') return { isReady: false, status: 'starting', reason: this.#startReason };
    const now = performance.now();
    if (!this.#cached || this.#cached.untilMs < now)
      this.#cached = { untilMs: now + CACHE_MS, result: this.#ask() };
    return this.#cached.result;
  }

  /** Asks the engine for a small document of one project: all projects share the engine. */
  async #ask(): Promise<Readiness> {
    const [project] = this.#projects.open.values();
    const unavailable = { isReady: false, status: 'unavailable' } as const;
    let readiness: Readiness = { ...unavailable, reason: 'the store does not answer' };
    const ask = async (): Promise<void> => {
      try {
        await project?.store.documents.get('ready', 'ready');
        readiness = { isReady: true };
      } catch (error) {
        readiness = { ...unavailable, reason: reasonOf(error) };
      }
    };
    await withTimeout(ask, TIMEOUT_MS, { keepsProcessAlive: false });
    return readiness;
  }
}
