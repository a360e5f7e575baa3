import { context } from '@opentelemetry/api';
import { identityOf, type Identity } from '../identity/with-trubrics.js';
import { guard } from '../common/guard.js';
import type { OrUndefined } from '../common/options/define-options.js';
import { resolveOptions, type TrubricsOptions } from '../config/options.js';
import { NO_STATS, type TrubricsStats } from '../pipeline/trubrics-stats.js';
import { toManualRecord, type PromptDefaults, type PromptInput } from './prompt-input.js';
import { createPipelines, type Pipelines } from '../pipeline/create-pipelines.js';
import type { FeedbackInput } from '../records/feedback/to-feedback-event.js';
import type { TrackInput } from '../records/feedback/to-tracked-event.js';

/**
 * Sends prompts, events and feedback by hand, without any tracing: what the official SDK offers, with the delivery of this
 * package.
 *
 * ```ts
 * const trubrics = new TrubricsClient();
 * const { id } = trubrics.trackPrompt({ userId: 'ada', prompt: 'Why?', generation: 'Because.', assistantId: 'gpt-4o-mini', latency: 1.25 });
 * trubrics.trackFeedback({ recordId: id, userId: 'ada', score: '👍' });
 * trubrics.track({ event: 'Sign up', userId: 'ada' });
 * await trubrics.shutdown();
 * ```
 *
 * What `withTrubrics()` says around a call fills in the user and the thread that the call does not name. After construction
 * nothing throws: what cannot be used is counted in `stats()`.
 */
export class TrubricsClient {
  readonly #pipelines: Pipelines | undefined;
  readonly #defaults: PromptDefaults;

  /** @throws TypeError for a wrong option, and when there is no key and `host` is not loopback. */
  constructor(options: OrUndefined<TrubricsOptions> = {}) {
    const resolved = resolveOptions(options);
    const { project, properties } = resolved;
    this.#defaults = {
      ...resolved,
      properties: { ...(project !== undefined && { project }), ...properties },
    };
    if (resolved.disabled) return;
    const pipelines = createPipelines(resolved);
    pipelines.lifeCycle.start(() => pipelines.destinations.flush());
    this.#pipelines = pipelines;
  }

  /** Sends a question and its answer. Returns the id of the record, to which feedback can refer. */
  trackPrompt(input: PromptInput): { readonly id: string } {
    const id = crypto.randomUUID();
    const record = this.#guarded('trackPrompt', (contextIdentity) =>
      toManualRecord(input, contextIdentity, this.#defaults, id, new Date()),
    );
    if (!record) return { id };
    guard('trackPrompt', () => this.#pipelines?.manual.trackPrompt(record));
    return { id: record.id };
  }

  /** Sends an event of the application, for instance a sign-up. */
  track(event: TrackInput): void {
    this.#guarded('track', (contextIdentity) => {
      this.#pipelines?.manual.track(this.#withIdentity(event, contextIdentity));
      return true;
    });
  }

  /** Sends what somebody thinks of an answer, as an event `Feedback`. */
  trackFeedback(feedback: FeedbackInput): void {
    this.#guarded('trackFeedback', (contextIdentity) => {
      this.#pipelines?.manual.trackFeedback(this.#withIdentity(feedback, contextIdentity));
      return true;
    });
  }

  /** Resolves when everything that was tracked before the call is settled, or after `flushTimeoutMs`. Never rejects. */
  async flush(): Promise<void> {
    await this.#pipelines?.destinations.flush();
  }

  /** Like {@link flush}; what could not be delivered by then is dropped and counted, unless there is a spool. */
  async shutdown(): Promise<void> {
    await this.#pipelines?.destinations.shutdown();
  }

  /** What became of everything so far. */
  stats(): TrubricsStats {
    return this.#pipelines?.destinations.stats() ?? NO_STATS;
  }

  #withIdentity<T extends TrackInput | FeedbackInput>(input: T, contextIdentity: Identity | undefined): T {
    const userId = input.userId ?? contextIdentity?.userId ?? this.#defaults.defaultUserId;
    const threadId = input.threadId ?? contextIdentity?.threadId;
    return { ...input, ...(userId !== undefined && { userId }), ...(threadId !== undefined && { threadId }) };
  }

  /** `undefined`, counted, when the input cannot be used. */
  #guarded<T>(place: string, read: (contextIdentity: Identity | undefined) => T | undefined): T | undefined {
    const contextIdentity = guard(place, () => identityOf(context.active()));
    if (contextIdentity?.record === false) {
      this.#pipelines?.destinations.skip('opted_out');
      return undefined;
    }
    let hasFailed = false;
    const result = guard(
      place,
      () => read(contextIdentity),
      () => (hasFailed = true),
    );
    if (result === undefined || hasFailed) this.#pipelines?.destinations.skip('invalid_event');
    return result;
  }
}
