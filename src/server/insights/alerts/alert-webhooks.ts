import { createHash } from 'node:crypto';
import { VersionConflictError, type DocumentStore } from '../../engines/document-store.js';
import { OutgoingError, type OutgoingTarget } from '../../security/outgoing-targets.js';
import { changeState, writeState, type StoredState } from './alert-documents.js';
import { messageHeaders, toMessage } from './alert-message.js';
import type { AlertRule } from './alert-rule.js';
import type { AlertEntry, AlertPost, AlertState } from './alert-state.js';

/** Delays before the second, third … attempt. Together four hours; then nobody is told. */
const RETRY_MS = [10_000, 30_000, 120_000, 600_000, 1_800_000, 3_600_000, 7_200_000] as const;
/** Time for an answer. */
export const POST_TIMEOUT_MS = 10_000;

export interface AlertWebhooksOptions {
  readonly documents: DocumentStore;
  readonly targets: readonly OutgoingTarget[];
  /** Signs messages. */
  readonly secret: string | undefined;
  readonly project: string | undefined;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Returns true if no other server sends for the next `forMs`. */
  readonly isLeader: (forMs: number) => boolean;
  /** Ends requests that are in flight. */
  readonly signal: AbortSignal;
}

interface Webhook extends Pick<AlertPost, 'target' | 'host'> {
  readonly to: OutgoingTarget;
}

/**
 * Tells webhooks what has changed. Each attempt is noted in the state of the rule before it is made, so that no two servers make it. Messages of one rule reach a
 * target in order: a later one waits while an earlier one is tried again.
 */
export class AlertWebhooks {
  readonly #options: AlertWebhooksOptions;
  /** By id. An id says nothing of the address, which can be a secret. */
  readonly #webhooks: ReadonlyMap<string, Webhook>;

  constructor(options: AlertWebhooksOptions) {
    this.#options = options;
    const webhooks = options.targets.map((to) => ({ target: idOf(to), host: to.host, to }));
    this.#webhooks = new Map(webhooks.map((webhook) => [webhook.target, webhook]));
  }

  get targets(): readonly Pick<AlertPost, 'target' | 'host'>[] {
    return [...this.#webhooks.values()].map(({ target, host }) => ({ target, host }));
  }

  /** Sends the messages of a rule that are due. Returns when the next one is; Infinity if none waits. */
  async send(rule: AlertRule, stored: StoredState): Promise<number> {
    let current: StoredState | undefined = stored;
    const targets = new Set(
      stored.state.history.flatMap(({ posts }) => posts.filter(isWaiting).map(({ target }) => target)),
    );
    for (const target of targets)
      // As long as messages are answered well, the next one follows.
      for (let entry; current && (entry = nextFor(current.state, target, this.#options.now()));)
        current = await this.#attempt(rule, current, entry, target);
    if (!current) return Infinity;
    const { history } = current.state;
    return Math.min(
      Infinity,
      ...history.flatMap(({ posts }) => posts.filter(isWaiting).map(({ notBefore }) => notBefore)),
    );
  }

  /** Returns the state after the attempt; undefined if another server has changed it, or it is gone. */
  async #attempt(
    rule: AlertRule,
    stored: StoredState,
    entry: AlertEntry,
    target: string,
  ): Promise<StoredState | undefined> {
    const { documents, now, isLeader, signal } = this.#options;
    if (signal.aborted || !isLeader(2 * POST_TIMEOUT_MS)) return undefined;
    const webhook = this.#webhooks.get(target);
    const isEmpty = entry.changes.length === 0 && entry.more === 0;
    if (!webhook || isEmpty) {
      const problem = isEmpty ? 'nothing is left to tell' : 'not a webhook of this server';
      return changeState(documents, rule.name, (state) =>
        withPost(state, entry.id, target, { status: 'failed', problem }),
      );
    }
    const attempts = (entry.posts.find((post) => post.target === target)?.attempts ?? 0) + 1;
    const retryMs = RETRY_MS[attempts - 1];
    try {
      await writeState(
        documents,
        rule.name,
        withPost(stored.state, entry.id, target, { attempts, notBefore: now() + (retryMs ?? 0) }),
        stored,
      );
    } catch (error) {
      if (error instanceof VersionConflictError) return undefined;
      throw error;
    }
    const problem = await this.#post(rule, entry, webhook.to);
    return changeState(documents, rule.name, (state) =>
      withPost(
        state,
        entry.id,
        target,
        problem === undefined
          ? { status: 'posted' }
          : { problem, ...(retryMs === undefined && { status: 'failed' }) },
      ),
    );
  }

  /** Returns why it failed; undefined if it did not. */
  async #post(rule: AlertRule, entry: AlertEntry, to: OutgoingTarget): Promise<string | undefined> {
    const { secret, project, now, signal } = this.#options;
    const body = JSON.stringify(toMessage(rule, entry, project));
    try {
      const headers = messageHeaders(entry.id, body, secret, now());
      const { status } = await to.post({ body, headers, timeoutMs: POST_TIMEOUT_MS, signal });
      return status >= 200 && status < 300 ? undefined : `status ${status}`;
    } catch (error) {
      if (error instanceof OutgoingError) return error.message;
      throw error;
    }
  }
}

function isWaiting({ status }: AlertPost): boolean {
  return status === 'waiting';
}

/** Returns the earliest message that waits for a target, if it is due. */
function nextFor({ history }: AlertState, target: string, now: number): AlertEntry | undefined {
  const entry = history.findLast(({ posts }) => posts.some((one) => one.target === target && isWaiting(one)));
  const post = entry?.posts.find((one) => one.target === target);
  return post && post.notBefore <= now ? entry : undefined;
}

function withPost(
  state: AlertState,
  id: string,
  target: string,
  fields: Partial<Omit<AlertPost, 'target' | 'host'>>,
): AlertState {
  const history = state.history.map((entry) =>
    entry.id === id
      ? {
          ...entry,
          posts: entry.posts.map((post) => (post.target === target ? { ...post, ...fields } : post)),
        }
      : entry,
  );
  return { ...state, history };
}

function idOf({ url }: OutgoingTarget): string {
  return createHash('sha256').update(url).digest('hex').slice(0, 8);
}
