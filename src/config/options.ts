import type { MeterProvider } from '@opentelemetry/api';
import {
  DEFAULT_DELIVERY_SETTINGS,
  type DeliverySettings,
  type DroppedEntry,
} from '../delivery/model/settings.js';
import type { Spool } from '../delivery/model/spool.js';
import type { Destination } from '../destinations/destination.js';
import { defineOptions, type OptionTable, type Resolved } from '../common/options/define-options.js';
import {
  callback,
  count,
  flag,
  isText,
  objectWith,
  oneOf,
  parseFlag,
  parseList,
  record,
  text,
  texts,
  trubricsVariable,
} from '../common/options/option-kinds.js';
import { isRecord } from '../common/unknown-values.js';
import type { LlmCall } from '../reading/model/llm-call.js';
import type { SpanLike } from '../reading/model/span-like.js';
import type { PromptRecord } from '../records/model/prompt-record.js';
import { DEFAULT_RECORD_SETTINGS } from '../records/model/record-settings.js';

/** Treatment of a failed call: an event `LLM error`, a record with the part of the answer that arrived, or nothing. */
export type ErrorMode = 'event' | 'record' | 'skip';

/**
 * Unit of a record: a call of a model, or a turn, which is all calls that answer one user message. With `"both"`, turns are records,
 * and their calls are events `LLM call` with the property `turn_id`.
 */
export type Granularity = 'call' | 'turn' | 'both';

/** Returns the user or the thread of a call; `undefined` if it is unknown. Must be quick and synchronous. */
export type IdentityFunction = (call: LlmCall, span: SpanLike) => string | undefined;

/**
 * Entries of OpenTelemetry baggage that identify user and thread. Baggage arrives in a header that any caller can set, so nothing is
 * read without this list.
 *
 * - `{ userId: 'app.user', threadId: 'app.chat' }`: these entries are the user and the thread.
 * - `['user.id', 'session.id', 'tenant']`: entries with a usual name are the user and the thread, others become properties.
 */
export type BaggageKeys = { readonly userId?: string; readonly threadId?: string } | readonly string[];

/**
 * Options of {@link TrubricsSpanProcessor}, {@link TrubricsSpanExporter} and {@link TrubricsClient}. An option given in code wins over
 * its environment variable, and that one over the default. A wrong option is a `TypeError`.
 */
export interface TrubricsOptions {
  /** API key of the project. Not needed for a loopback `host`. Environment: `TRUBRICS_API_KEY`. */
  readonly apiKey?: string | undefined;
  /**
   * Base URL of the ingestion API; `/publish_llm_events` and `/publish_events` are appended, as in the official SDKs.
   * Required unless there is a `destination`, or an `email` without `apiKey`. `TRUBRICS_CLOUD` is that of the hosted service.
   * Environment: `TRUBRICS_HOST`.
   */
  readonly host?: string | undefined;
  /**
   * Email of an account of the first Trubrics platform. Used if there is neither `destination` nor `apiKey` nor `host`; see
   * `trubricsPlatform`. Environment: `TRUBRICS_EMAIL`.
   */
  readonly email?: string | undefined;
  /** Password of that account. Environment: `TRUBRICS_PASSWORD`. */
  readonly password?: string | undefined;
  /** Web key of that platform's Firebase project. Environment: `TRUBRICS_FIREBASE_API_KEY`. */
  readonly firebaseApiKey?: string | undefined;
  /** Written to every record as the property `project`, to tell applications apart. Environment: `TRUBRICS_PROJECT`. */
  readonly project?: string | undefined;
  /** Destination of the records, instead of the ingestion API at `host`. Each of several gets every record. */
  readonly destination?: Destination | readonly Destination[] | undefined;
  /** Permits `http:` to a host that is not loopback. Environment: `TRUBRICS_ALLOW_INSECURE`. Default: false. */
  readonly allowInsecure?: boolean | undefined;
  /** Switches everything off: no key is needed, nothing is read or sent. Environment: `TRUBRICS_DISABLED`. Default: false. */
  readonly disabled?: boolean | undefined;
  /** Returns the user of a call. Wins over the span. */
  readonly userId?: IdentityFunction | undefined;
  /** Returns the thread (conversation) of a call. Wins over the span. */
  readonly threadId?: IdentityFunction | undefined;
  /** User of calls whose user is unknown. Environment: `TRUBRICS_DEFAULT_USER_ID`. Default: `"anonymous"`. */
  readonly defaultUserId?: string | undefined;
  /**
   * Entries of OpenTelemetry baggage that identify user and thread: their names for `userId` and `threadId`, or a list of usual names,
   * of which others become properties. `withTrubrics()` wins over them. Not read by the exporter, which does not see the context. Any
   * caller can set baggage: list only what your gateway controls. Environment: `TRUBRICS_BAGGAGE_KEYS`, separated by commas.
   */
  readonly baggageKeys?: BaggageKeys | undefined;
  /**
   * Secret of at least 16 characters. User ids are replaced by their HMAC-SHA-256 in records, events and feedback, also where thread
   * ids, tags, properties, event names or comments repeat the id, as a whole or as a word of at least four characters. Prompts and
   * answers are kept: see `redact`. Environment: `TRUBRICS_HASH_USER_ID`.
   */
  readonly hashUserId?: string | undefined;
  /**
   * Share of the users that are recorded, 0 to 1. All calls of a user are recorded or none, in all processes. Without a user, the
   * thread is sampled, else the trace. Environment: `TRUBRICS_SAMPLING_RATIO`. Default: 1.
   */
  readonly samplingRatio?: number | undefined;
  /**
   * Unit of a record: a call of a model, or a turn (all calls that answer one user message). With `"both"`, turns are records and their
   * calls are events. Environment: `TRUBRICS_GRANULARITY`. Default: `"call"`.
   */
  readonly granularity?: Granularity | undefined;
  /** Tags of every record, before its own. Environment: `TRUBRICS_TAGS`, separated by commas. */
  readonly tags?: readonly string[] | undefined;
  /** Added to the properties of every record. */
  readonly properties?: Readonly<Record<string, unknown>> | undefined;
  /** Treatment of a failed call: an event `LLM error`, a record, or nothing. Environment: `TRUBRICS_ERRORS`. Default: `"event"`. */
  readonly errors?: ErrorMode | undefined;
  /** Records system prompts, as the property `system_prompt`. Environment: `TRUBRICS_SYSTEM_PROMPT`. Default: false. */
  readonly systemPrompt?: boolean | undefined;
  /**
   * Input messages of a call that are recorded: the question alone, or all of them with tool calls and tool results, as the property `messages`.
   * Environment: `TRUBRICS_MESSAGES`. Default: `"last"`.
   */
  readonly messages?: 'last' | 'all' | undefined;
  /**
   * Called with every record before it is queued. Returns the record, changed or not; `undefined` drops it. If it throws, the record is
   * dropped and counted, never sent unchanged. For a failed call it gets the record that the event is made from; for feedback, a record
   * with the comment as `prompt`. `redactPersonalData` is a ready-made one.
   */
  readonly redact?: ((record: PromptRecord) => PromptRecord | undefined) | undefined;
  /** Limit of a prompt and of a generation, in characters; the rest is cut off. Environment: `TRUBRICS_MAX_TEXT_LENGTH`. Default: 100,000. */
  readonly maxTextLength?: number | undefined;
  /** Limit of a text in properties and of a tag, in characters. Environment: `TRUBRICS_MAX_PROPERTY_LENGTH`. Default: 32,000. */
  readonly maxPropertyLength?: number | undefined;
  /** Name of the prompt event in Trubrics. Environment: `TRUBRICS_PROMPT_EVENT_NAME`. Default: `"Prompt"`. */
  readonly promptEventName?: string | undefined;
  /** Name of the generation event in Trubrics. Environment: `TRUBRICS_GENERATION_EVENT_NAME`. Default: `"Generation"`. */
  readonly generationEventName?: string | undefined;
  /** Number of waiting records that are sent without waiting for `flushIntervalMs`. Environment: `TRUBRICS_FLUSH_AT`. Default: 20. */
  readonly flushAt?: number | undefined;
  /** Milliseconds that a record waits for a batch to fill at most. Environment: `TRUBRICS_FLUSH_INTERVAL_MS`. Default: 5,000. */
  readonly flushIntervalMs?: number | undefined;
  /** Limit of records in memory; above it the oldest is dropped and counted. Environment: `TRUBRICS_MAX_QUEUE_RECORDS`. Default: 10,000. */
  readonly maxQueueRecords?: number | undefined;
  /** Limit of records in memory, in bytes of JSON. Environment: `TRUBRICS_MAX_QUEUE_BYTES`. Default: 32,000,000. */
  readonly maxQueueBytes?: number | undefined;
  /** Milliseconds after which a record that could not be delivered is dropped. Environment: `TRUBRICS_MAX_AGE_MS`. Default: 48 hours. */
  readonly maxAgeMs?: number | undefined;
  /** Milliseconds after which a request has failed and is retried. Environment: `TRUBRICS_REQUEST_TIMEOUT_MS`. Default: 10,000. */
  readonly requestTimeoutMs?: number | undefined;
  /** Milliseconds that `forceFlush()` and `shutdown()` wait at most. Environment: `TRUBRICS_FLUSH_TIMEOUT_MS`. Default: 10,000. */
  readonly flushTimeoutMs?: number | undefined;
  /**
   * Milliseconds after which the exporter reports success to its span processor although records are still queued. They stay queued.
   * Environment: `TRUBRICS_EXPORT_TIMEOUT_MS`. Default: 10,000.
   */
  readonly exportTimeoutMs?: number | undefined;
  /** Keeps records on disk until they are delivered: `fileSpool()` of `opentelemetry-exporter-trubrics/node`. */
  readonly spool?: Spool | undefined;
  /**
   * Extends the invocation of a serverless function until its records are sent, for instance `waitUntil` of `@vercel/functions` or of
   * `cloudflare:workers`.
   */
  readonly waitUntil?: ((work: Promise<unknown>) => void) | undefined;
  /**
   * `true`: flushes before the process ends, also by SIGTERM and SIGINT. `false`: not even when a browser's page is left.
   * Environment: `TRUBRICS_FLUSH_ON_EXIT`.
   */
  readonly flushOnExit?: boolean | undefined;
  /** Receives the `otel.sdk.exporter.*` metrics of the delivery. Default: the global meter provider, if there is one. */
  readonly meterProvider?: MeterProvider | undefined;
  /**
   * Called for every record that a destination will not get, with the reason. Its errors are ignored. What it hands over itself is not
   * reported if that is dropped as well (in microtasks: after a thousand in a row).
   */
  readonly onDrop?: ((drop: DroppedEntry) => void) | undefined;
  /** The `fetch` to send with. Default: the global one. */
  readonly fetch?: typeof globalThis.fetch | undefined;
}

/** Options with every default filled in. */
export type ResolvedOptions = Resolved<TrubricsOptions, typeof OPTIONS>;

/** Table of all options: environment variable, default, check. A test holds the table in `docs/options.md` to it. */
export const OPTIONS = {
  apiKey: { env: trubricsVariable, secret: true, ...text },
  host: { env: trubricsVariable, synonyms: ['endpoint', 'url', 'baseUrl'], ...text },
  email: { env: trubricsVariable, ...text },
  password: { env: trubricsVariable, secret: true, ...text },
  firebaseApiKey: { env: trubricsVariable, secret: true, ...text },
  project: { env: trubricsVariable, ...text },
  destination: { accepts: 'a destination, or an array of at least one', check: isDestinations },
  allowInsecure: { env: trubricsVariable, parse: parseFlag, default: false, ...flag },
  disabled: { env: trubricsVariable, parse: parseFlag, default: false, ...flag },
  userId: {
    ...callback,
    advice:
      'For one user of the whole process, set defaultUserId; for the users of requests, see withTrubrics().',
  },
  threadId: { ...callback, advice: 'For the conversations of requests, see withTrubrics().' },
  defaultUserId: { env: trubricsVariable, ...text },
  baggageKeys: {
    env: trubricsVariable,
    accepts: 'an array of strings, or an object with userId or threadId',
    check: isBaggageKeys,
    parse: parseList,
  },
  hashUserId: {
    env: trubricsVariable,
    secret: true,
    accepts: 'a string of at least 16 characters',
    check: (value: unknown) => isText(value) && String(value).length >= 16,
  },
  samplingRatio: {
    env: trubricsVariable,
    default: 1,
    accepts: 'a number from 0 to 1',
    check: (value: unknown) => typeof value === 'number' && value >= 0 && value <= 1,
    parse: Number,
  },
  granularity: { env: trubricsVariable, default: 'call', ...oneOf('call', 'turn', 'both') },
  tags: { env: trubricsVariable, parse: parseList, default: [], ...texts },
  properties: record,
  errors: { env: trubricsVariable, default: 'event', ...oneOf('event', 'record', 'skip') },
  systemPrompt: { env: trubricsVariable, parse: parseFlag, default: false, ...flag },
  messages: { env: trubricsVariable, default: DEFAULT_RECORD_SETTINGS.messages, ...oneOf('last', 'all') },
  redact: callback,
  maxTextLength: { env: trubricsVariable, default: DEFAULT_RECORD_SETTINGS.maxTextLength, ...count },
  maxPropertyLength: { env: trubricsVariable, default: 32_000, ...count },
  promptEventName: { env: trubricsVariable, default: 'Prompt', ...text },
  generationEventName: { env: trubricsVariable, default: 'Generation', ...text },
  flushAt: { env: trubricsVariable, default: DEFAULT_DELIVERY_SETTINGS.flushAt, ...count },
  flushIntervalMs: { env: trubricsVariable, default: DEFAULT_DELIVERY_SETTINGS.flushIntervalMs, ...count },
  maxQueueRecords: { env: trubricsVariable, default: DEFAULT_DELIVERY_SETTINGS.maxQueueRecords, ...count },
  maxQueueBytes: { env: trubricsVariable, default: DEFAULT_DELIVERY_SETTINGS.maxQueueBytes, ...count },
  maxAgeMs: { env: trubricsVariable, default: DEFAULT_DELIVERY_SETTINGS.maxAgeMs, ...count },
  requestTimeoutMs: { env: trubricsVariable, default: DEFAULT_DELIVERY_SETTINGS.requestTimeoutMs, ...count },
  flushTimeoutMs: { env: trubricsVariable, default: DEFAULT_DELIVERY_SETTINGS.shutdownTimeoutMs, ...count },
  exportTimeoutMs: { env: trubricsVariable, default: 10_000, ...count },
  spool: objectWith('the result of fileSpool()', 'open', 'Controller'),
  waitUntil: callback,
  flushOnExit: { env: trubricsVariable, parse: parseFlag, ...flag },
  meterProvider: objectWith('a MeterProvider', 'getMeter'),
  onDrop: callback,
  fetch: callback,
} as const satisfies OptionTable<TrubricsOptions>;

/**
 * Returns the options with environment variables and defaults filled in.
 *
 * @throws TypeError that names the option, what was given, what is accepted, and what to do.
 */
export const resolveOptions = defineOptions<TrubricsOptions, typeof OPTIONS>(OPTIONS);

/** Returns the settings of each destination's delivery: all but the number of concurrent requests are options. */
export function deliverySettings(options: ResolvedOptions): Omit<DeliverySettings, 'concurrency'> {
  const { maxQueueRecords, maxQueueBytes, flushAt, flushIntervalMs, requestTimeoutMs, maxAgeMs } = options;
  const { spool, meterProvider, onDrop } = options;
  return {
    maxQueueRecords,
    maxQueueBytes,
    flushAt,
    flushIntervalMs,
    requestTimeoutMs,
    maxAgeMs,
    shutdownTimeoutMs: options.flushTimeoutMs,
    ...(spool && { spool }),
    ...(meterProvider && { meterProvider }),
    ...(onDrop && { onDrop }),
  };
}

function isBaggageKeys(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0 && value.every(isText);
  if (!isRecord(value)) return false;
  const names = Object.entries(value);
  return (
    names.length > 0 &&
    names.every(([name, key]) => (name === 'userId' || name === 'threadId') && isText(key))
  );
}

function isDestinations(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 && value.every(isDestination) : isDestination(value);
}

function isDestination(value: unknown): boolean {
  return (
    isRecord(value) &&
    typeof value['name'] === 'string' &&
    typeof value['encode'] === 'function' &&
    typeof value['send'] === 'function'
  );
}
