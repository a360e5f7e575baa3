import type { TracerProvider } from '@opentelemetry/api';
import { readMetadata } from './run-metadata.js';
import { defineOptions, type OptionTable } from '../../common/options/define-options.js';
import { count, flag, objectWith, oneOf, record, texts } from '../../common/options/option-kinds.js';
import { isRecord } from '../../common/unknown-values.js';

/** Destination of the text of prompts, answers and tool calls. */
export type ContentMode = 'span' | 'trubrics' | 'none';

/** Options of {@link TrubricsCallbackHandler}. All are optional. */
export interface TrubricsCallbackHandlerOptions {
  /** Provider of the spans. Default: the global tracer provider, looked up for each run. */
  readonly tracerProvider?: TracerProvider | undefined;
  /** User of each run that has none in `config.metadata` (`user_id` or `userId`). */
  readonly userId?: string | undefined;
  /** Conversation of each run that has none in `config.metadata` (`thread_id`, `session_id`, …). */
  readonly threadId?: string | undefined;
  /** Tags added to each run, after `"langchain"`. */
  readonly tags?: readonly string[] | undefined;
  /**
   * Metadata added to each run. For the same key, `config.metadata` wins. A `user_id` or `thread_id` in it has the effect of the
   * option `userId` or `threadId`.
   */
  readonly metadata?: Readonly<Record<string, unknown>> | undefined;
  /**
   * `"span"`: messages are attributes of the span, where every exporter sees them. `"trubrics"`: only the span processor of this
   * package gets them. `"none"`: they are not recorded. Types of errors are always recorded; their messages, which can quote a
   * prompt, only with `"span"`.
   *
   * Default `"span"`; `"none"` if the environment has `OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT` = `false` or `NO_CONTENT`.
   */
  readonly content?: ContentMode | undefined;
  /**
   * `true`: the span of a model run is active while the model runs, so that the provider's HTTP spans become its children. Needs a
   * context manager with an AsyncLocalStorage. Default `true`.
   */
  readonly activate?: boolean | undefined;
  /** Largest number of open runs. Above it, the run that is inactive for longest is ended as abandoned. Default 10,000. */
  readonly maxOpenRuns?: number | undefined;
  /** Milliseconds without activity after which a run is ended as abandoned. Default 30 minutes. */
  readonly maxRunAgeMs?: number | undefined;
}

/** Checked options with defaults. */
export interface HandlerSettings {
  readonly tracerProvider: TracerProvider | undefined;
  readonly userId: string | undefined;
  readonly threadId: string | undefined;
  /** Tags of each run, without duplicates. */
  readonly tags: readonly string[];
  /** Undefined if there is none. */
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

/** Options that the handler of the Python guide has, and that belong to the delivery here. */
const SENDING_OPTIONS = ['host', 'apiKey', 'project', 'email'];

const resolveOptions = defineOptions<TrubricsCallbackHandlerOptions, typeof HANDLER_OPTIONS>(HANDLER_OPTIONS);

/**
 * Checks options and fills in defaults.
 *
 * @throws TypeError that names the option, what was given and what is accepted
 */
export function handlerSettings(options: TrubricsCallbackHandlerOptions): HandlerSettings {
  for (const name of SENDING_OPTIONS)
    if (isRecord(options) && name in options)
      throw new TypeError(
        `There is no option "${name}": give it to TrubricsSpanProcessor, or to trubricsHandler() of opentelemetry-exporter-trubrics/standalone.`,
      );
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
