import { logger } from '../common/logger.js';
import { ignoreRejection } from '../common/safely.js';
import {
  ANONYMOUS,
  TEXT_FIELDS,
  type PromptRecord,
  type TrackedEvent,
} from '../records/model/prompt-record.js';
import { userIdHash, withHashedUser, type UserIdHash } from '../records/privacy/hash-user-id.js';
import { prepareInBackground } from '../records/privacy/preparation.js';
import { isPromptRecord } from '../records/privacy/is-prompt-record.js';
import { limitMembers, limitProperties } from '../records/privacy/limit-properties.js';
import { isSampled } from '../records/privacy/sampling.js';
import { cutText } from '../records/text/clean-text.js';
import { mapTextFields } from '../records/text/map-texts.js';

/** Result of the filter: the record or event that may be sent, or the reason why none may. */
export type Filtered<T> =
  { readonly kept: true; readonly value: T } | { readonly kept: false; readonly reason: FilterReason };

export type FilterReason = 'sampled_out' | 'redacted' | 'redaction_failed';

/** Options that {@link PrivacyFilter} uses. */
export interface PrivacySettings {
  readonly samplingRatio: number;
  readonly hashUserId?: string;
  readonly redact?: (record: PromptRecord) => PromptRecord | undefined;
  readonly maxTextLength: number;
  readonly maxPropertyLength: number;
}

const SAMPLED_OUT = { kept: false, reason: 'sampled_out' } as const;

/** Characters beyond `maxTextLength` that `redact` sees. Otherwise a number or address at the cut would be incomplete and not found. */
const REDACTION_MARGIN = 1_000;

/** Default of `maxPropertyLength`. Values of properties are never longer, because `toJsonValue()` cuts them to this length. */
const MAX_PROPERTY_LENGTH = 32_000;

/** Returns the longest text that may be passed to {@link PrivacyFilter}, which cuts texts after `redact`. */
export function maxLengthBeforeRedaction({
  redact,
  maxTextLength,
}: Pick<PrivacySettings, 'redact' | 'maxTextLength'>): number {
  return redact ? maxTextLength + REDACTION_MARGIN : maxTextLength;
}

/** Last step before the queue: sampling, hashing of the user, redaction and limits, in this order. */
export class PrivacyFilter {
  readonly #settings: PrivacySettings;
  readonly #hash: UserIdHash | undefined;
  #hasWarned = false;
  /** `redact` is being called. A record that it causes itself would call it again without end. */
  #isRedacting = false;

  constructor(settings: PrivacySettings) {
    this.#settings = settings;
    if (settings.redact) prepareInBackground(settings.redact);
    this.#hash = settings.hashUserId === undefined ? undefined : userIdHash(settings.hashUserId);
  }

  /** Filters a record. `key` decides about sampling: the user, else the thread, else the trace. */
  apply(record: PromptRecord, key: string): Filtered<PromptRecord> {
    return this.#isSampled(key) ? this.#redactAndLimit(this.#hashUserOf(record)) : SAMPLED_OUT;
  }

  /** Filters feedback. `redact` sees a record with the comment as its prompt. */
  applyToFeedback(given: TrackedEvent): Filtered<TrackedEvent> {
    if (!this.#isSampled(samplingKeyOf(given))) return SAMPLED_OUT;
    const event = this.#hashUserOf(given);
    const { comment, ...otherProperties } = event.properties;
    const filtered = this.#redactAndLimit({
      ...recordOf(event),
      prompt: typeof comment === 'string' ? comment : '',
      properties: otherProperties,
    });
    if (!filtered.kept) return filtered;
    const { prompt, userId, threadId, timestamp, properties } = filtered.value;
    return {
      kept: true,
      value: {
        id: event.id,
        event: event.event,
        userId,
        ...(threadId !== undefined && { threadId }),
        timestamp,
        properties: { ...properties, ...(prompt !== '' && { comment: prompt }) },
      },
    };
  }

  /** Filters an event of the application. `redact` is not called: the application chose the content itself. */
  applyToEvent(given: TrackedEvent): Filtered<TrackedEvent> {
    if (!this.#isSampled(samplingKeyOf(given))) return SAMPLED_OUT;
    const event = this.#hashUserOf(given);
    const { maxPropertyLength } = this.#settings;
    if (maxPropertyLength >= MAX_PROPERTY_LENGTH) return { kept: true, value: event };
    return { kept: true, value: { ...event, properties: limitMembers(event.properties, maxPropertyLength) } };
  }

  #isSampled(key: string): boolean {
    return isSampled(key, this.#settings.samplingRatio);
  }

  #hashUserOf<T extends PromptRecord | TrackedEvent>(value: T): T {
    return this.#hash ? withHashedUser(value, this.#hash) : value;
  }

  #redactAndLimit(record: PromptRecord): Filtered<PromptRecord> {
    const redacted = this.#redact(record);
    return redacted.kept ? { kept: true, value: this.#limit(redacted.value) } : redacted;
  }

  #limit(record: PromptRecord): PromptRecord {
    const { maxTextLength, maxPropertyLength } = this.#settings;
    const isLong = TEXT_FIELDS.some((field) => record[field].length > maxTextLength);
    const cut: PromptRecord = isLong
      ? {
          ...mapTextFields(record, (text) => cutText(text, maxTextLength)),
          properties: { ...record.properties, truncated: true },
        }
      : record;
    return maxPropertyLength < MAX_PROPERTY_LENGTH ? limitProperties(cut, maxPropertyLength) : cut;
  }

  #redact(record: PromptRecord): Filtered<PromptRecord> {
    if (!this.#settings.redact) return { kept: true, value: record };
    if (this.#isRedacting) return { kept: false, reason: 'redaction_failed' };
    this.#isRedacting = true;
    try {
      const redacted: unknown = this.#settings.redact(record);
      if (redacted === undefined) return { kept: false, reason: 'redacted' };
      if (isPromptRecord(redacted)) return { kept: true, value: redacted };
      ignoreRejection(redacted);
    } catch {
      // The error is not logged because its message may contain the text that was to be redacted.
    } finally {
      this.#isRedacting = false;
    }
    if (!this.#hasWarned) {
      this.#hasWarned = true;
      logger.warn(
        'redact() threw or returned something that is no record: such records are dropped. See stats().dropped.redaction_failed.',
      );
    }
    return { kept: false, reason: 'redaction_failed' };
  }
}

/** Returns the sampling key of an event: the user, else the thread, else the trace of the record that it is about. */
function samplingKeyOf({ userId, threadId, properties, id }: TrackedEvent): string {
  if (userId !== ANONYMOUS) return userId;
  const recordId = properties.record_id;
  // The id of a record is `traceId-spanId`. The trace alone is the key, as for calls.
  return threadId ?? (typeof recordId === 'string' ? recordId.replace(/-[^-]*$/, '') : id);
}

function recordOf({ id, userId, threadId, timestamp, properties }: TrackedEvent): PromptRecord {
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
