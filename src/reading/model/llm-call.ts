import type { UserAndThread } from '../../common/context-identity.js';

/**
 * An inference operation. Tools, retrievals and embeddings are not LLM calls. `invoke_agent` is an agent that was asked and answered, and
 * whose LLM calls were not recorded.
 */
export type LlmOperation = 'chat' | 'text_completion' | 'generate_content' | 'invoke_agent';

/** One part of a message. Binary content is dropped while reading; only a reference to it is kept. */
export type MessagePart =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'reasoning'; readonly text: string }
  | {
      readonly type: 'tool_call';
      readonly id?: string;
      readonly name: string;
      /** Parsed if the arguments are valid JSON, otherwise their raw text. */
      readonly arguments?: unknown;
    }
  | { readonly type: 'tool_result'; readonly id?: string; readonly result?: unknown }
  | {
      readonly type: 'media';
      /** `image`, `audio`, `video`, `document` or the library's own word. */
      readonly modality: string;
      readonly mimeType?: string;
      /** Address or file id of the content. Never a data URL. */
      readonly uri?: string;
    };

/** One message of a conversation. */
export interface Message {
  /** `system`, `user`, `assistant`, `tool` or the library's own word. */
  readonly role: string;
  readonly name?: string;
  readonly parts: readonly MessagePart[];
}

/** One choice of the model's answer. */
export interface OutputMessage extends Message {
  readonly finishReason?: string;
}

/** Request parameters under the same names in all dialects. */
export interface RequestParameters {
  readonly temperature?: number;
  readonly topP?: number;
  readonly topK?: number;
  readonly maxTokens?: number;
  readonly frequencyPenalty?: number;
  readonly presencePenalty?: number;
  readonly seed?: number;
  readonly stopSequences?: readonly string[];
  readonly choiceCount?: number;
  /** `json_object`, `json_schema`, … */
  readonly responseFormat?: string;
  /** `auto`, `any`, `none`, … or the name of the tool that must be called. */
  readonly toolChoice?: string;
}

/** Token counts. Inclusive: `inputTokens` contains cached tokens, `outputTokens` contains reasoning tokens. */
export interface TokenUsage {
  readonly inputTokens?: number;
  readonly outputTokens?: number;
  readonly totalTokens?: number;
  readonly cacheReadTokens?: number;
  readonly cacheWriteTokens?: number;
  readonly reasoningTokens?: number;
}

/** One LLM call as read from a span, independent of the span's dialect. */
export interface LlmCall extends UserAndThread {
  /** Name of the dialect of the span, for example `gen_ai`. */
  readonly dialect: string;
  readonly operation: LlmOperation;

  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  /** Name of the instrumentation scope: the library that wrote the span. */
  readonly scope?: string;
  /** Milliseconds since the epoch, with a fraction. */
  readonly startTimeMs: number;
  /** Milliseconds since the epoch, with a fraction. */
  readonly endTimeMs: number;

  readonly provider?: string;
  readonly requestModel?: string;
  readonly responseModel?: string;
  readonly responseId?: string;

  readonly systemInstructions: readonly MessagePart[];
  readonly inputMessages: readonly Message[];
  /** One per choice. */
  readonly outputMessages: readonly OutputMessage[];

  readonly parameters: RequestParameters;
  readonly usage: TokenUsage;
  /** US dollars, if the span says what the call cost. */
  readonly cost?: number;
  /** Tier of service with a price of its own: `default`, `flex`, `batch` … */
  readonly serviceTier?: string;
  /** One per choice. Normalised to `stop`, `length`, `tool_call`, `content_filter` or `error`; other reasons are kept in lower case. */
  readonly finishReasons: readonly string[];
  readonly streaming?: boolean;
  /** Seconds from the start of the span to the first chunk of the answer. */
  readonly timeToFirstToken?: number;

  readonly tags: readonly string[];
  /** The user's own metadata under its original names. */
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly promptTemplate?: string;
  /** Name and version of the prompt in a prompt store. */
  readonly promptName?: string;
  readonly promptVersion?: string;
  readonly serviceName?: string;
  /** Release of the application. */
  readonly serviceVersion?: string;
  readonly environment?: string;

  /** LangChain's id of the run of the call. */
  readonly runId?: string;
  /** True if the answer came from a cache. */
  readonly cached?: boolean;
  /** True if the call was stopped before its answer was complete. */
  readonly aborted?: boolean;

  /** Set if the call failed. */
  readonly error?: { readonly type: string; readonly message?: string };
  /** True if the span repeats the call of a span below it and lasts longer; it is the call itself only if there is none. */
  readonly isFrame?: true;
  /** True if content was cut, by a limit of the SDK or of this package. */
  readonly truncated: boolean;
  /** True if the end of the input is missing, and perhaps the last question with it. */
  readonly inputTruncated?: boolean;
}
