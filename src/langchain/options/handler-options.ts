import type { TracerProvider } from '@opentelemetry/api';
import { readMetadata } from './run-metadata.js';
import { isRecord } from '../../common/unknown-values.js';

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

/** The same, with `undefined` for what is not given. */
export type LooseHandlerOptions = {
  [K in keyof TrubricsCallbackHandlerOptions]: TrubricsCallbackHandlerOptions[K] | undefined;
};

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

type Check = readonly [accepted: string, accepts: (value: unknown) => boolean];

const TEXT: Check = ['a non-empty string', (value) => typeof value === 'string' && value !== ''];

const CHECKS = {
  tracerProvider: [
    'a TracerProvider',
    (value) => typeof (value as TracerProvider | null)?.getTracer === 'function',
  ],
  userId: TEXT,
  threadId: TEXT,
  tags: [
    'an array of strings',
    (value) => Array.isArray(value) && value.every((tag) => typeof tag === 'string'),
  ],
  metadata: ['an object', isRecord],
  content: ['"span", "trubrics" or "none"', (value) => isContentMode(value)],
  activate: ['true or false', (value) => typeof value === 'boolean'],
  maxOpenRuns: ['an integer above 0', (value) => Number.isInteger(value) && Number(value) > 0],
  maxRunAgeMs: ['a number of milliseconds above 0', (value) => Number.isFinite(value) && Number(value) > 0],
} satisfies Record<keyof TrubricsCallbackHandlerOptions, Check>;

/**
 * Checks options and fills in defaults.
 *
 * @throws TypeError that names the option, what was given and what is accepted
 */
export function handlerSettings(loose: LooseHandlerOptions): HandlerSettings {
  // Every value is looked at below, so that undefined is as good as none.
  const options = loose as TrubricsCallbackHandlerOptions;
  if (!isRecord(options))
    throw new TypeError(`TrubricsCallbackHandler takes an options object, not ${given(options)}`);
  for (const [name, [accepted, accepts]] of Object.entries(CHECKS)) {
    const value = options[name];
    if (value !== undefined && !accepts(value)) {
      throw new TypeError(`TrubricsCallbackHandler option ${name} must be ${accepted}, not ${given(value)}`);
    }
  }
  const unknown = Object.keys(options).find((name) => !(name in CHECKS));
  if (unknown !== undefined) {
    throw new TypeError(
      `TrubricsCallbackHandler has no option ${unknown}; it takes ${Object.keys(CHECKS).join(', ')}`,
    );
  }
  const accepted: TrubricsCallbackHandlerOptions = options;
  const metadata = readMetadata(accepted.metadata);
  return {
    tracerProvider: accepted.tracerProvider,
    userId: accepted.userId ?? metadata.userId,
    threadId: accepted.threadId ?? metadata.threadId,
    tags: [...new Set(['langchain', ...(accepted.tags ?? [])])],
    metadata: metadata.own,
    content: accepted.content ?? contentFromEnvironment(),
    activate: accepted.activate ?? true,
    maxOpenRuns: accepted.maxOpenRuns ?? 10_000,
    maxRunAgeMs: accepted.maxRunAgeMs ?? 30 * 60_000,
  };
}

function isContentMode(value: unknown): value is ContentMode {
  return value === 'span' || value === 'trubrics' || value === 'none';
}

function contentFromEnvironment(): ContentMode {
  const value = environmentVariable('OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT')
    ?.trim()
    .toLowerCase();
  return value === 'false' || value === 'no_content' ? 'none' : 'span';
}

function environmentVariable(name: string): string | undefined {
  const { process } = globalThis as { process?: { env?: Record<string, string | undefined> } };
  return process?.env?.[name];
}

function given(value: unknown): string {
  if (value === null) return 'null';
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 40));
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return Array.isArray(value) ? 'an array' : `a value of type ${typeof value}`;
}
