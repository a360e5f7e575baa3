import { context } from '@opentelemetry/api';
import { identityOf, type Identity } from '../identity/with-trubrics.js';
import { idTextOrWarn } from '../common/id-text.js';
import { guard } from '../common/guard.js';
import { randomUuid } from '../common/web/random-uuid.js';
import { resolveOptions, type TrubricsOptions } from '../config/options.js';
import { NO_STATS, type TrubricsStats } from '../pipeline/trubrics-stats.js';
import { toManualRecord, type PromptDefaults, type PromptInput } from './prompt-input.js';
import {
  createManualPipelines,
  recordSettingsOf,
  type ManualPipelines,
} from '../pipeline/create-pipelines.js';
import type { FeedbackInput } from '../records/feedback/to-feedback-event.js';
import type { TrackInput } from '../records/feedback/to-tracked-event.js';

/**
 * Sends prompts, events and feedback by hand, without tracing: the functions of the official SDK, with the delivery of this
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
 * If a call names no user or thread, those of `withTrubrics()` around it are used. After construction no method throws: input that
 * cannot be used is counted in `stats().skipped.invalid_event`.
 */
export class TrubricsClient {
  readonly #pipelines: ManualPipelines | undefined;
  readonly #defaults: PromptDefaults;

  /** @throws TypeError if an option is unknown or wrong, or if `host` or, for a host that is not loopback, the key is missing. */
  constructor(options: TrubricsOptions = {}) {
    const resolved = resolveOptions(options);
    this.#defaults = recordSettingsOf(resolved);
    if (resolved.disabled) return;
    const pipelines = createManualPipelines(resolved);
    pipelines.lifeCycle.start(() => pipelines.destinations.flush());
    this.#pipelines = pipelines;
  }

  /** Sends a prompt and its generation. Returns the id of the record, for the `recordId` of feedback. */
  trackPrompt(input: PromptInput): { readonly id: string } {
    const id = randomUuid();
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
      this.#pipelines?.manual.track(this.#addContextIdentity(event, contextIdentity));
      return true;
    });
  }

  /** Sends feedback on an answer, as an event `Feedback`. */
  trackFeedback(feedback: FeedbackInput): void {
    this.#guarded('trackFeedback', (contextIdentity) => {
      this.#pipelines?.manual.trackFeedback(this.#addContextIdentity(feedback, contextIdentity));
      return true;
    });
  }

  /** Resolves when everything that was tracked before the call is delivered, spooled or dropped, or after `flushTimeoutMs` (10 s by default). Never rejects. */
  async flush(): Promise<void> {
    await this.#pipelines?.destinations.flush();
  }

  /** Flushes like {@link flush}, then stops. Entries that are left are dropped as `shutdown_timeout`, unless there is a spool. */
  async shutdown(): Promise<void> {
    this.#pipelines?.manual.giveUpWaiting();
    await this.#pipelines?.destinations.shutdown();
  }

  /** Returns counters of everything that was tracked so far. */
  stats(): TrubricsStats {
    return this.#pipelines?.destinations.stats() ?? NO_STATS;
  }

  #addContextIdentity<T extends TrackInput | FeedbackInput>(
    input: T,
    contextIdentity: Identity | undefined,
  ): T {
    const userId =
      idTextOrWarn('userId', input.userId) ?? contextIdentity?.userId ?? this.#defaults.defaultUserId;
    const threadId = idTextOrWarn('threadId', input.threadId) ?? contextIdentity?.threadId;
    return { ...input, ...(userId !== undefined && { userId }), ...(threadId !== undefined && { threadId }) };
  }

  /** Runs `read` with the current context identity. If the input cannot be used, counts it and returns `undefined`. */
  #guarded<T>(place: string, read: (contextIdentity: Identity | undefined) => T | undefined): T | undefined {
    const contextIdentity = guard(place, () => identityOf(context.active()));
    if (contextIdentity?.record === false) {
      this.#pipelines?.destinations.skip('opted_out');
      return undefined;
    }
    const result = guard(place, () => read(contextIdentity));
    if (result === undefined) this.#pipelines?.destinations.skip('invalid_event');
    return result;
  }
}
