import { logger } from '../common/logger.js';
import { ignoreRejection } from '../common/safely.js';
import type { ResolvedOptions } from '../config/options.js';
import { cutText } from '../records/text/cut-text.js';
import { ANONYMOUS } from '../records/model/identity.js';
import { userIdHash, withHashedUser, type UserIdHash } from '../records/privacy/hash-user-id.js';
import { isPromptRecord } from '../records/privacy/is-prompt-record.js';
import { limitProperties } from '../records/privacy/limit-properties.js';
import type { PromptRecord, TrackedEvent } from '../records/model/prompt-record.js';
import { isSampled } from '../records/privacy/sampling.js';

/** What may leave the process of a record or an event, or why nothing may. */
export type Cleared<T> = { readonly value: T } | { readonly withheld: Withheld };

export type Withheld = 'sampled_out' | 'redacted' | 'redaction_failed';

/** Characters beyond the limit that `redact` sees, so that no number or address is hidden from it by the cut. */
const REDACTION_MARGIN = 1_000;

/** How long the texts may be that {@link PrivacyFilter} is given: it cuts them itself, after `redact`. */
export function textLengthBefore({ redact, maxTextLength }: ResolvedOptions): number {
  return redact ? maxTextLength + REDACTION_MARGIN : maxTextLength;
}

/** The last thing that happens to a record before it is queued: sampling, hashing of the user, redaction, limits. In this order. */
export class PrivacyFilter {
  readonly #options: ResolvedOptions;
  readonly #hash: UserIdHash | undefined;
  #warned = false;

  constructor(options: ResolvedOptions) {
    this.#options = options;
    this.#hash = options.hashUserId === undefined ? undefined : userIdHash(options.hashUserId);
  }

  /** `key` decides about sampling: the user, else the thread, else the trace. */
  clear(record: PromptRecord, key: string): Cleared<PromptRecord> {
    if (!isSampled(key, this.#options.samplingRatio)) return { withheld: 'sampled_out' };
    const cleared = this.#redact(this.#hashed(record));
    return 'value' in cleared ? { value: this.#limited(cleared.value) } : cleared;
  }

  /** Feedback: `redact` sees a record with the comment as its prompt. */
  clearFeedback(event: TrackedEvent): Cleared<TrackedEvent> {
    const { comment, ...properties } = event.properties;
    const cleared = this.clear(
      { ...asRecord(event), prompt: typeof comment === 'string' ? comment : '', properties },
      keyOf(event),
    );
    if (!('value' in cleared)) return cleared;
    const { prompt, ...record } = cleared.value;
    const said = { ...record.properties, ...(prompt !== '' && { comment: prompt }) };
    return { value: asEvent(event, { ...record, properties: said }) };
  }

  /** An event of the application: it says itself what it tells, `redact` is not asked. */
  clearEvent(event: TrackedEvent): Cleared<TrackedEvent> {
    if (!isSampled(keyOf(event), this.#options.samplingRatio)) return { withheld: 'sampled_out' };
    return { value: asEvent(event, this.#limited(this.#hashed(asRecord(event)))) };
  }

  #hashed(record: PromptRecord): PromptRecord {
    if (!this.#hash || record.userId === this.#options.defaultUserId) return record;
    return withHashedUser(record, this.#hash);
  }

  #limited(record: PromptRecord): PromptRecord {
    const { maxTextLength, maxPropertyLength } = this.#options;
    const isLong = record.prompt.length > maxTextLength || record.generation.length > maxTextLength;
    const cut: PromptRecord = isLong
      ? {
          ...record,
          prompt: cutText(record.prompt, maxTextLength),
          generation: cutText(record.generation, maxTextLength),
          properties: { ...record.properties, truncated: true },
        }
      : record;
    // Values of properties are never longer than the default.
    return maxPropertyLength < 32_000 ? limitProperties(cut, maxPropertyLength) : cut;
  }

  #redact(record: PromptRecord): Cleared<PromptRecord> {
    if (!this.#options.redact) return { value: record };
    try {
      const redacted: unknown = this.#options.redact(record);
      if (redacted === undefined) return { withheld: 'redacted' };
      if (isPromptRecord(redacted)) return { value: redacted };
      ignoreRejection(redacted);
    } catch {
      // Its message may hold the very text that was to be removed: only the fact is told.
    }
    if (!this.#warned) {
      this.#warned = true;
      logger.warn(
        'redact() threw or returned something that is no record: such records are dropped. See stats().dropped.redaction_failed.',
      );
    }
    return { withheld: 'redaction_failed' };
  }
}

function keyOf({ userId, threadId, properties, id }: TrackedEvent): string {
  if (userId !== ANONYMOUS) return userId;
  const recordId = properties.record_id;
  // `traceId-spanId`: anonymous calls without a thread are picked by their trace.
  return threadId ?? (typeof recordId === 'string' ? recordId.replace(/-[^-]*$/, '') : id);
}

function asRecord({ id, userId, threadId, timestamp, properties }: TrackedEvent): PromptRecord {
  return {
    id,
    userId,
    ...(threadId !== undefined && { threadId }),
    prompt: '',
    generation: '',
    assistantId: 'none',
    timestamp,
    latency: 0,
    tags: [],
    properties,
  };
}

function asEvent(
  { id, event }: TrackedEvent,
  { userId, threadId, timestamp, properties }: Omit<PromptRecord, 'prompt'>,
): TrackedEvent {
  return { id, event, userId, ...(threadId !== undefined && { threadId }), timestamp, properties };
}
