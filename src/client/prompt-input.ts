import type { Identity } from '../identity/with-trubrics.js';
import { cutText } from '../records/text/cut-text.js';
import { ANONYMOUS, type PromptRecord } from '../records/model/prompt-record.js';
import { toProperties } from '../records/calls/properties.js';
import { toIso } from '../records/text/timestamp.js';

/** One question and its answer, for {@link TrubricsClient.trackPrompt}. */
export interface PromptInput {
  readonly prompt: string;
  /** May be empty, for instance when the model answered with tool calls alone. */
  readonly generation: string;
  /** Who asked. Default: `withTrubrics()`, then the option `defaultUserId`, then `"anonymous"`. */
  readonly userId?: string;
  /** The conversation. Default: `withTrubrics()`. */
  readonly threadId?: string;
  /** Usually the name of the model. Default: `"unknown"`. */
  readonly assistantId?: string;
  /** When the answer was complete. Default: now. */
  readonly timestamp?: Date | string;
  /** Seconds, with a fraction. Default: 0. */
  readonly latency?: number;
  readonly tags?: readonly string[];
  readonly properties?: Readonly<Record<string, unknown>>;
  /** Lets feedback refer to it, and a repetition be recognised. Default: a random one. */
  readonly id?: string;
}

/** What the options add to a record. */
export interface PromptDefaults {
  readonly defaultUserId?: string | undefined;
  readonly tags: readonly string[];
  readonly properties: Readonly<Record<string, unknown>>;
  readonly maxTextLength: number;
}

/** The record of an input, `undefined` when it has no prompt. `id` and `now` are the caller's. */
export function toManualRecord(
  input: PromptInput,
  contextIdentity: Identity | undefined,
  defaults: PromptDefaults,
  id: string,
  now: Date,
): PromptRecord | undefined {
  const { prompt, generation, assistantId, latency, tags, properties, timestamp } = input;
  if (typeof prompt !== 'string' || prompt === '') return undefined;
  const threadId = text(input.threadId) ?? text(contextIdentity?.threadId);
  const allTags = [...defaults.tags, ...list(contextIdentity?.tags), ...list(tags)];
  return {
    id: text(input.id) ?? id,
    userId: text(input.userId) ?? text(contextIdentity?.userId) ?? defaults.defaultUserId ?? ANONYMOUS,
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

const MAX_TEXT = 1_000;

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? cutText(value, MAX_TEXT) : undefined;
}

function list(value: unknown): string[] {
  return Array.isArray(value) ? value.flatMap((item) => text(item) ?? []) : [];
}
