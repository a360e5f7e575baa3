import type { LlmCall } from '../../reading/model/llm-call.js';
import type { SpanLike } from '../../reading/model/span-like.js';

/** Settings that decide what a record contains. */
export interface RecordSettings {
  /** Longest prompt and generation, in characters. Longer texts are cut. */
  readonly maxTextLength: number;
  /** Adds the property `system_prompt`. */
  readonly systemPrompt: boolean;
  /** `all`: adds the property `messages`, the input messages of the call. */
  readonly messages: 'last' | 'all';
  /** Placed before the tags of the call. */
  readonly tags: readonly string[];
  /** Added to every record. The call's own metadata wins. */
  readonly properties: Readonly<Record<string, unknown>>;
  /** Returns the user of a call. Wins over every other source. */
  readonly userId?: ((call: LlmCall, span: SpanLike) => string | undefined) | undefined;
  /** Returns the thread of a call. Wins over every other source. */
  readonly threadId?: ((call: LlmCall, span: SpanLike) => string | undefined) | undefined;
  /** User of calls for which no source names one. Default: `"anonymous"`. */
  readonly defaultUserId?: string | undefined;
}

/** Settings of a record when no option is given. */
export const DEFAULT_RECORD_SETTINGS: RecordSettings = {
  maxTextLength: 100_000,
  systemPrompt: false,
  messages: 'last',
  tags: [],
  properties: {},
};
