import type { TracerProvider } from '@opentelemetry/api';
import { readMetadata } from './run-metadata.js';
import { defineOptions, type OptionTable, type OrUndefined } from '../../common/define-options.js';
import { count, flag, objectWith, oneOf, record, texts } from '../../common/option-kinds.js';

/** Where the text of prompts, answers and tool calls goes. */
export type ContentMode = 'span' | 'trubrics' | 'none';

/** Options of {@link TrubricsCallbackHandler}. All are optional. */
export interface TrubricsCallbackHandlerOptions {
  /** Where spans are made. Default: the globally registered tracer provider, looked up at each run. */
  readonly tracerProvider?: TracerProvider;
  /** The user of every run that does not name one in `config.metadata` (`user_id` or `userId`). */
  readonly userId?: string;
  /** The conversation of every run that does not name one in `config.metadata` (`thread_id`, `session_id`, …). */
  readonly threadId?: string;
  /** Added to the tags of every run, after `"langchain"`. */
  readonly tags?: readonly string[];
  /**
   * Added to the metadata of every run. Where `config.metadata` has the same key, that one wins. A `user_id` or `thread_id` in it
   * stands for the option of that name.
   */
  readonly metadata?: Readonly<Record<string, unknown>>;
  /**
   * `"span"`: messages are attributes of the span, where every exporter sees them. `"trubrics"`: they reach only the span processor
   * of this package. `"none"`: they are not recorded at all. Types of errors are recorded in each case; their messages, which may quote
   * a prompt, only with `"span"`.
   *
   * Default `"span"`; `"none"` if the environment has `OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT` = `false` or `NO_CONTENT`.
   */
  readonly content?: ContentMode;
  /**
   * Whether the span of a model run is the active one while the model runs, so that the provider's HTTP spans become its children.
   * Default `true`. Without a context manager that allows it, nothing changes.
   */
  readonly activate?: boolean;
  /** How many runs may be open at once; above it the one that was silent for longest is ended as abandoned. Default 10,000. */
  readonly maxOpenRuns?: number;
  /** Milliseconds after which a run that was not heard of is ended as abandoned. Default 30 minutes. */
  readonly maxRunAgeMs?: number;
}

/** Options, checked and complete. */
export interface HandlerSettings {
  readonly tracerProvider: TracerProvider | undefined;
  readonly userId: string | undefined;
  readonly threadId: string | undefined;
  /** Those of every run, without repetitions. */
  readonly tags: readonly string[];
  /** Absent when there is none. */
  readonly metadata: Readonly<Record<string, unknown>> | undefined;
  readonly content: ContentMode;
  readonly activate: boolean;
  readonly maxOpenRuns: number;
  readonly maxRunAgeMs: number;
}

/** Unlike in other options, white space alone is a valid id: it comes from users, and must not make a constructor throw. */
const id = {
  accepts: 'a non-empty string',
  check: (value: unknown) => typeof value === 'string' && value !== '',
} as const;

export const HANDLER_OPTIONS = {
  tracerProvider: objectWith('a TracerProvider', 'getTracer'),
  userId: id,
  threadId: id,
  tags: { default: [], ...texts },
  metadata: record,
  content: {
    env: 'OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT',
    parse: (value: string) => (/^(?:false|no_content)$/i.test(value) ? 'none' : 'span'),
    default: 'span',
    ...oneOf('span', 'trubrics', 'none'),
  },
  activate: { default: true, ...flag },
  maxOpenRuns: { default: 10_000, ...count },
  maxRunAgeMs: {
    default: 30 * 60_000,
    accepts: 'a finite number of milliseconds above 0',
    check: (value: unknown) => Number.isFinite(value) && Number(value) > 0,
  },
} as const satisfies OptionTable<TrubricsCallbackHandlerOptions>;

const resolveOptions = defineOptions<TrubricsCallbackHandlerOptions, typeof HANDLER_OPTIONS>(HANDLER_OPTIONS);

/**
 * Checks options and fills in defaults.
 *
 * @throws TypeError that names the option, what was given and what is accepted
 */
export function handlerSettings(options: OrUndefined<TrubricsCallbackHandlerOptions>): HandlerSettings {
  const { tracerProvider, userId, threadId, tags, metadata, ...complete } = resolveOptions(options);
  const parsed = readMetadata(metadata);
  return {
    ...complete,
    tracerProvider,
    userId: userId ?? parsed.userId,
    threadId: threadId ?? parsed.threadId,
    tags: [...new Set(['langchain', ...tags])],
    metadata: parsed.userMetadata,
  };
}
