import type { UserAndThread } from '../../common/context-identity.js';

/** An inference operation. Agents, tools, retrievals and embeddings are not LLM calls. */
export type LlmOperation = 'chat' | 'text_completion' | 'generate_content';

/** One piece of a message. Binary content is only ever referred to: its bytes are dropped while reading. */
export type MessagePart =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'reasoning'; readonly text: string }
  | {
      readonly type: 'tool_call';
      readonly id?: string;
      readonly name: string;
      /** Parsed JSON where the arguments parse, else their raw text. */
      readonly arguments?: unknown;
    }
  | { readonly type: 'tool_result'; readonly id?: string; readonly result?: unknown }
  | {
      readonly type: 'media';
      /** `image`, `audio`, `video`, `document` or what the library says. */
      readonly modality: string;
      readonly mimeType?: string;
      /** Where the content lies. Never a data URL. */
      readonly uri?: string;
    };

/** One message of a conversation. */
export interface Message {
  /** `system`, `user`, `assistant`, `tool` or what the library says. */
  readonly role: string;
  readonly name?: string;
  readonly parts: readonly MessagePart[];
}

/** One choice that the model answered. */
export interface OutputMessage extends Message {
  readonly finishReason?: string;
}

/** Request parameters, under the names of this package whatever the dialect calls them. */
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
}

/** Token counts. Inclusive: `inputTokens` contains cached tokens and `outputTokens` contains reasoning tokens. */
export interface TokenUsage {
  readonly inputTokens?: number;
  readonly outputTokens?: number;
  readonly totalTokens?: number;
  readonly cacheReadTokens?: number;
  readonly cacheWriteTokens?: number;
  readonly reasoningTokens?: number;
}

/** What was understood of one LLM span, free of the dialect it was written in. */
export interface LlmCall extends UserAndThread {
  /** The convention that the span was written in, for instance `gen_ai`. */
  readonly dialect: string;
  readonly operation: LlmOperation;

  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  /** The library that wrote the span: the name of its instrumentation scope. */
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
  /** Normalised: `stop`, `length`, `tool_call`, `content_filter`, `error`; anything else as the provider wrote it. One per choice. */
  readonly finishReasons: readonly string[];
  readonly streaming?: boolean;
  /** Seconds from the start of the span to the first chunk of the answer. */
  readonly timeToFirstToken?: number;

  readonly tags: readonly string[];
  /** The user's own metadata, under its own names. */
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly promptTemplate?: string;
  readonly serviceName?: string;
  readonly environment?: string;

  /** Set when the call failed. */
  readonly error?: { readonly type: string; readonly message?: string };
  /** Whether content was cut, by an attribute limit or by a limit of this package. */
  readonly truncated: boolean;
  /** Whether the end of the input was lost, and with it perhaps the last question. */
  readonly inputTruncated?: boolean;
}
