import { setTimeout as delay } from 'node:timers/promises';
import { withTimeout } from '../../common/with-timeout.js';
import type { RecordStore } from '../engines/record-store.js';
import type { Project } from '../http/project.js';

export interface ProjectsOptions {
  /** Opens the store of a project. Called again if it fails with an error that `isTransient`. */
  readonly openStore: (project: string) => Promise<RecordStore>;
  /** Returns true if an error of `openStore` can go away by itself: the engine is not there yet. */
  readonly isTransient: (error: unknown) => boolean;
  readonly create: (name: string, store: RecordStore) => Project;
  /** Called once when a store cannot be opened yet. */
  readonly onWaiting: (project: string, error: unknown) => void;
}

/** The server was stopped before a store could be opened. */
export class StoppedError extends Error {
  override readonly name = 'StoppedError';
}

/** Delay between two attempts to open a store. */
const RETRY_MS = 1000;
/** Time for which a request waits for a store that is being opened. */
const PATIENCE_MS = 3000;

/** The projects of a server. A project is opened when it is configured or first used, and stays open. */
export class Projects {
  readonly #options: ProjectsOptions;
  readonly #opening = new Map<string, Promise<Project>>();
  readonly #open = new Map<string, Project>();
  readonly #stop = new AbortController();

  constructor(options: ProjectsOptions) {
    this.#options = options;
  }

  /** Projects that are open, by name. */
  get open(): ReadonlyMap<string, Project> {
    return this.#open;
  }

  /** Opens projects, and waits for an engine that is not there yet. Rejects if one cannot be opened for another reason. */
  async openAll(names: readonly string[]): Promise<void> {
    await Promise.all(names.map((name) => this.#start(name)));
  }

  /** Returns an open project, or opens it. Undefined: its store cannot be opened now. */
  async get(name: string): Promise<Project | undefined> {
    const open = this.#open.get(name);
    if (open || this.#stop.signal.aborted) return open;
    await withTimeout(() => this.#start(name), PATIENCE_MS, { keepsProcessAlive: false });
    return this.#open.get(name);
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await Promise.allSettled(this.#opening.values());
    await Promise.all(Array.from(this.#open.values(), (project) => project.close()));
  }

  #start(name: string): Promise<Project> {
    const known = this.#opening.get(name);
    if (known) return known;
    const opening = this.#openWithRetries(name);
    this.#opening.set(name, opening);
    opening.then(
      (project) => this.#open.set(name, project),
      // The next use tries again.
      () => this.#opening.delete(name),
    );
    return opening;
  }

  async #openWithRetries(name: string): Promise<Project> {
    const { openStore, isTransient, create, onWaiting } = this.#options;
    for (let attempt = 1; ; attempt++)
      try {
        return create(name, await openStore(name));
      } catch (error) {
        if (!isTransient(error)) throw error;
        if (attempt === 1) onWaiting(name, error);
        await delay(RETRY_MS, undefined, { signal: this.#stop.signal }).catch(() => undefined);
        if (this.#stop.signal.aborted) throw new StoppedError('The server is being stopped');
      }
  }
}
