import { Lease } from '../../background/lease.js';
import { VersionConflictError } from '../../engines/document-store.js';
import type { RecordStore } from '../../engines/record-store.js';
import { BadQueryError } from '../../query/parse-query.js';
import type { OutgoingTarget } from '../../security/outgoing-targets.js';
import {
  deleteState,
  listRules,
  listStates,
  MAX_RULES,
  writeState,
  type StoredRule,
  type StoredState,
} from './alert-documents.js';
import type { AlertList, ListedRule } from './alert-list.js';
import { readRule, type AlertReading } from './alert-reading.js';
import type { AlertRule } from './alert-rule.js';
import { nextState, stateOf } from './alert-state.js';
import { AlertWebhooks } from './alert-webhooks.js';

/** Rules are evaluated this often. */
export const EVALUATION_MS = 60_000;
const MIN_PAUSE_MS = 1000;
/** Rules whose messages are sent at the same time. */
const RULES_AT_A_TIME = 10;

export interface AlertWatchOptions {
  readonly store: RecordStore;
  readonly targets?: readonly OutgoingTarget[] | undefined;
  readonly secret?: string | undefined;
  readonly project?: string | undefined;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  /** Milliseconds of a clock that is never set back. */
  readonly steadyNow?: () => number;
}

/** A reading, and the version of the rule that it is of. */
interface KnownReading {
  readonly version: number;
  readonly reading?: AlertReading;
  readonly problem?: string;
  readonly at: number;
}

/** Evaluates the rules of a store on one of its servers, and has webhooks told what has changed. */
export class AlertWatch {
  readonly #store: RecordStore;
  readonly #now: () => number;
  readonly #steadyNow: () => number;
  readonly #lease: Lease;
  readonly #webhooks: AlertWebhooks;
  /** The latest readings of this server, by the name of the rule: for the page. */
  readonly #readings = new Map<string, KnownReading>();
  readonly #stop = new AbortController();
  /** By the steady clock. */
  #nextEvaluation = -Infinity;

  constructor({
    store,
    targets = [],
    secret,
    project,
    now = Date.now,
    steadyNow = () => performance.now(),
  }: AlertWatchOptions) {
    const { documents } = store;
    this.#store = store;
    this.#now = now;
    this.#steadyNow = steadyNow;
    this.#lease = new Lease({ documents, name: 'alerts', now: steadyNow });
    const isLeader = (forMs: number): boolean => this.#lease.isHeld(forMs);
    const { signal } = this.#stop;
    this.#webhooks = new AlertWebhooks({ documents, targets, secret, project, now, isLeader, signal });
  }

  /** Evaluates the rules if it is time, and sends what is due. Returns the milliseconds until there is work again. */
  async run(): Promise<number> {
    const { documents } = this.#store;
    const rules = await listRules(documents);
    const states = await listStates(documents);
    if (rules.length === 0 && states.size === 0) {
      await this.#lease.release();
      return EVALUATION_MS;
    }
    if (!(await this.#lease.take())) return EVALUATION_MS;
    const startedAt = this.#steadyNow();
    const isDue = startedAt >= this.#nextEvaluation;
    if (isDue) this.#nextEvaluation = startedAt + EVALUATION_MS;
    const current: [AlertRule, StoredState][] = [];
    for (const { document, rule } of rules.slice(0, MAX_RULES)) {
      if (!rule || rule.isPaused) continue;
      let stored = states.get(rule.name);
      if (isDue) stored = await this.#evaluate(rule, document.version, stored);
      if (stored) current.push([rule, stored]);
    }
    const nextPost = await this.#send(current);
    const names = new Set(rules.map(({ document }) => document.name));
    for (const name of states.keys())
      if (!names.has(name)) {
        this.#readings.delete(name);
        await deleteState(documents, name);
      }
    const pauses = [this.#nextEvaluation - this.#steadyNow(), nextPost - this.#now()];
    return Math.max(MIN_PAUSE_MS, Math.min(...pauses));
  }

  /** Ends requests that are in flight. They are made again by another server, or later. */
  stop(): void {
    this.#stop.abort();
  }

  /** Lets another server go on at once. */
  async close(): Promise<void> {
    await this.#lease.release();
  }

  /** Returns the rules with their states, and what they measure now. */
  async list(): Promise<AlertList> {
    const { documents } = this.#store;
    const [rules, states] = await Promise.all([listRules(documents), listStates(documents)]);
    const listed: ListedRule[] = [];
    for (const [index, stored] of rules.entries())
      listed.push(await this.#listed(stored, states.get(stored.document.name), index < MAX_RULES));
    return {
      rules: listed,
      webhooks: this.#webhooks.targets.map(({ host }) => host),
      evaluatedEveryMs: EVALUATION_MS,
    };
  }

  /** Returns what a rule measures now. @throws BadQueryError */
  preview(rule: AlertRule): Promise<AlertReading> {
    return readRule(rule, this.#store, this.#now());
  }

  /** Forgets what was measured: somebody who is in it was erased. */
  forgetReadings(): void {
    this.#readings.clear();
  }

  /** Sends what is due. Some at a time, so that a webhook that hangs does not hold up all rules. Returns when the next message is due. */
  async #send(current: readonly (readonly [AlertRule, StoredState])[]): Promise<number> {
    const queue = [...current];
    let nextPost = Infinity;
    const work = async (): Promise<void> => {
      for (let next; (next = queue.shift());)
        nextPost = Math.min(nextPost, await this.#webhooks.send(...next));
    };
    await Promise.all(Array.from({ length: RULES_AT_A_TIME }, work));
    return nextPost;
  }

  /** Returns the state that is stored; undefined if another server has written it meanwhile. */
  async #evaluate(
    rule: AlertRule,
    version: number,
    stored: StoredState | undefined,
  ): Promise<StoredState | undefined> {
    const { reading } = await this.#read(rule, version);
    // A filter names what is gone, for instance a segment: the state stays.
    if (!reading) return stored;
    const before = stateOf(stored?.state, rule);
    const after = nextState(before, reading, rule, this.#webhooks.targets);
    if (after === stored?.state || (!stored && after === before)) return stored;
    try {
      return await writeState(this.#store.documents, rule.name, after, stored);
    } catch (error) {
      if (error instanceof VersionConflictError) return undefined;
      throw error;
    }
  }

  async #read(rule: AlertRule, version: number): Promise<KnownReading> {
    const at = this.#now();
    let known: KnownReading;
    try {
      known = { version, at, reading: await readRule(rule, this.#store, at) };
    } catch (error) {
      if (!(error instanceof BadQueryError)) throw error;
      known = { version, at, problem: error.message };
    }
    this.#readings.set(rule.name, known);
    return known;
  }

  async #listed(
    { document, rule, problem }: StoredRule,
    stored: StoredState | undefined,
    isEvaluated: boolean,
  ): Promise<ListedRule> {
    const { name, version, value } = document;
    const known = rule && !rule.isPaused && isEvaluated ? await this.#latest(rule, version) : undefined;
    // The stored state is about what the rule meant when it was evaluated: it may have been changed since, or paused.
    const state = rule ? stateOf(stored?.state, rule) : stored?.state;
    const { alerting = [], pending = [], history = [] } = state ?? {};
    return {
      name,
      title: rule?.title ?? name,
      version,
      value,
      problem: problem ?? known?.problem ?? null,
      isEvaluated: isEvaluated && rule !== undefined && !rule.isPaused,
      reading: known?.reading ?? null,
      alerting,
      pending,
      history,
    };
  }

  /** Readings of a page that is looked at often are those of the last minute. */
  #latest(rule: AlertRule, version: number): KnownReading | Promise<KnownReading> {
    const known = this.#readings.get(rule.name);
    const isRecent = known?.version === version && this.#now() - known.at < EVALUATION_MS;
    return isRecent ? known : this.#read(rule, version);
  }
}
