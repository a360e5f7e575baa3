import { idTextOrWarn } from '../common/id-text.js';
import type { Identity } from '../identity/with-trubrics.js';
import { cutText } from '../records/text/clean-text.js';
import { ANONYMOUS, type PromptRecord } from '../records/model/prompt-record.js';
import { toProperties } from '../records/calls/properties.js';
import { toIso } from '../records/text/timestamp.js';

/** A prompt and its generation, for {@link TrubricsClient.trackPrompt}. */
export interface PromptInput {
  /** Must not be empty. */
  readonly prompt: string;
  /** May be empty, for instance if the answer consists of tool calls alone. */
  readonly generation: string;
  /** Id of the user. Default: that of `withTrubrics()`, then the option `defaultUserId`, then `"anonymous"`. */
  readonly userId?: string | undefined;
  /** Id of the conversation. Default: that of `withTrubrics()`. */
  readonly threadId?: string | undefined;
  /** Usually the name of the model. Default: `"unknown"`. */
  readonly assistantId?: string | undefined;
  /** Time at which the answer was complete: a `Date`, or ISO 8601. Default: now. */
  readonly timestamp?: Date | string | undefined;
  /** Seconds, with fractions. Default: 0. */
  readonly latency?: number | undefined;
  /** Added after the tags of the options and of `withTrubrics()`. */
  readonly tags?: readonly string[] | undefined;
  /** Added to the properties of the options and of `withTrubrics()`; wins over them. */
  readonly properties?: Readonly<Record<string, unknown>> | undefined;
  /** Id of the record, for feedback and deduplication. Default: a random UUID. */
  readonly id?: string | undefined;
}

/** The options that apply to every record. */
export interface PromptDefaults {
  readonly defaultUserId?: string | undefined;
  readonly tags: readonly string[];
  readonly properties: Readonly<Record<string, unknown>>;
  readonly maxTextLength: number;
}

/** Returns the record of an input; `undefined` if it has no prompt. `id` and `now` are used if the input has none. */
export function toManualRecord(
  input: PromptInput,
  contextIdentity: Identity | undefined,
  defaults: PromptDefaults,
  id: string,
  now: Date,
): PromptRecord | undefined {
  const { prompt, generation, assistantId, latency, tags, properties, timestamp } = input;
  if (typeof prompt !== 'string' || prompt === '') return undefined;
  const threadId = text(idTextOrWarn('threadId', input.threadId)) ?? text(contextIdentity?.threadId);
  const allTags = [...defaults.tags, ...list(contextIdentity?.tags), ...list(tags)];
  return {
    id: text(input.id) ?? id,
    userId:
      text(idTextOrWarn('userId', input.userId)) ??
      text(contextIdentity?.userId) ??
      defaults.defaultUserId ??
      ANONYMOUS,
    ...(threadId !== undefined && { threadId }),
    prompt: cutText(prompt, defaults.maxTextLength),
    generation: typeof generation === 'string' ? cutText(generation, defaults.maxTextLength) : '',
    assistantId: text(assistantId) ?? 'unknown',
    timestamp: toIso(timestamp) ?? now.toISOString(),
    latency: typeof latency === 'number' && latency >= 0 && latency < Infinity ? latency : 0,
    tags: [...new Set(allTags)],
    properties: {
      ...toProperties(defaults.properties),
      ...toProperties(contextIdentity?.properties ?? {}),
      ...(typeof properties === 'object' && properties !== null && toProperties(properties)),
    },
  };
}

/** Characters of an id, of the model and of a tag. */
const MAX_TEXT = 1_000;

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? cutText(value, MAX_TEXT) : undefined;
}

function list(value: unknown): string[] {
  return Array.isArray(value) ? value.flatMap((item) => text(item) ?? []) : [];
}
