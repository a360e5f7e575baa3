import type { MeterProvider } from '@opentelemetry/api';
import {
  DEFAULT_DELIVERY_SETTINGS,
  type DeliverySettings,
  type DroppedEntry,
} from '../delivery/model/settings.js';
import type { Spool } from '../delivery/model/spool.js';
import type { Destination } from '../destinations/destination.js';
import { DEFAULT_INGESTION_HOST } from '../destinations/ingestion/ingestion-target.js';
import { defineOptions, type OptionTable, type Resolved } from '../common/options/define-options.js';
import {
  callback,
  count,
  flag,
  isText,
  objectWith,
  oneOf,
  parseList,
  record,
  text,
  texts,
} from '../common/options/option-kinds.js';
import { isRecord } from '../common/unknown-values.js';
import type { LlmCall } from '../reading/model/llm-call.js';
import type { SpanLike } from '../reading/model/span-like.js';
import type { PromptRecord } from '../records/model/prompt-record.js';
import { DEFAULT_RECORD_SETTINGS } from '../records/model/record-settings.js';

/** What becomes of a failed call: an event `LLM error`, a record with what there is of an answer, or nothing. */
export type ErrorMode = 'event' | 'record' | 'skip';

/**
 * What a record is of: a call of a model, or a turn, all calls that answer one user message. `"both"`: turns are records, and
 * their calls are events `LLM call` with the property `turn_id`.
 */
export type Granularity = 'call' | 'turn' | 'both';

/** Says who asked, from a call and its span. `undefined`: no opinion. Must be quick and synchronous. */
export type IdentityFunction = (call: LlmCall, span: SpanLike) => string | undefined;

/**
 * Which entries of OpenTelemetry baggage may say who asks. Baggage arrives in a header that any caller can set, so nothing is read
 * without this list.
 *
 * - `{ userId: 'app.user', threadId: 'app.chat' }`: these entries are the user and the thread.
 * - `['user.id', 'session.id', 'tenant']`: entries with a usual name are the user and the thread, others become properties.
 */
export type BaggageKeys = { readonly userId?: string; readonly threadId?: string } | readonly string[];

/**
 * Options of {@link TrubricsSpanProcessor} and {@link TrubricsSpanExporter}. Everything has a default or an environment
 * variable; an option given in code wins over the environment.
 */
export interface TrubricsOptions {
  /** Project-scoped key of the ingestion API. Environment: `TRUBRICS_API_KEY`. Not needed for a loopback `host`. */
  readonly apiKey?: string;
  /**
   * Base of the ingestion API; `/publish_llm_events` and `/publish_events` are appended, as in the official SDKs.
   * Environment: `TRUBRICS_HOST`. Default: `https://app.trubrics.com/api/ingestion`.
   */
  readonly host?: string;
  /**
   * Account of the first Trubrics platform, used when there is neither `destination` nor `apiKey` nor `host`: see
   * `trubricsPlatform`. Environment: `TRUBRICS_EMAIL`.
   */
  readonly email?: string;
  /** Password of that account. Environment: `TRUBRICS_PASSWORD`. */
  readonly password?: string;
  /** Web key of that platform's Firebase project. Environment: `TRUBRICS_FIREBASE_API_KEY`. */
  readonly firebaseApiKey?: string;
  /** Written to every record as the property `project`, to tell applications apart. Environment: `TRUBRICS_PROJECT`. */
  readonly project?: string;
  /** Where records go instead of the ingestion API at `host`; several get every record each. */
  readonly destination?: Destination | readonly Destination[];
  /** Permits `http:` to a host that is not loopback. Environment: `TRUBRICS_ALLOW_INSECURE`. Default: false. */
  readonly allowInsecure?: boolean;
  /** Turns everything off: no key is asked for, nothing is read, nothing is sent. Environment: `TRUBRICS_DISABLED`. */
  readonly disabled?: boolean;
  /** Says who asked. Wins over what the span says. */
  readonly userId?: IdentityFunction;
  /** Says which conversation it was. Wins over what the span says. */
  readonly threadId?: IdentityFunction;
  /** The user when nobody says who asked. Environment: `TRUBRICS_DEFAULT_USER_ID`. Default: `"anonymous"`. */
  readonly defaultUserId?: string;
  /**
   * Entries of OpenTelemetry baggage that may say who asks: their names for `userId` and `threadId`, or a list of usual names, of
   * which others become properties. Read where a span starts, after `withTrubrics()`; the exporter cannot. Any caller can set
   * baggage: list only what your gateway controls. Environment: `TRUBRICS_BAGGAGE_KEYS`, separated by commas.
   */
  readonly baggageKeys?: BaggageKeys;
  /**
   * A secret of at least 16 characters: users are known by HMAC-SHA-256 of their id, in records, events and feedback, and where tags
   * and properties repeat the id. Environment: `TRUBRICS_HASH_USER_ID`.
   */
  readonly hashUserId?: string;
  /**
   * Share of the users that are recorded, 0 to 1. A user is in or out as a whole, in all processes; without a user the thread
   * decides, else the trace. Environment: `TRUBRICS_SAMPLING_RATIO`. Default: 1.
   */
  readonly samplingRatio?: number;
  /**
   * Whether a record is a call of a model, a turn (all calls that answer one user message), or `"both"`: turns are records, their
   * calls are events. Environment: `TRUBRICS_GRANULARITY`. Default: `"call"`.
   */
  readonly granularity?: Granularity;
  /** Put on every record, before its own tags. Environment: `TRUBRICS_TAGS`, separated by commas. */
  readonly tags?: readonly string[];
  /** Added to the properties of every record. */
  readonly properties?: Readonly<Record<string, unknown>>;
  /** What becomes of a failed call. Environment: `TRUBRICS_ERRORS`. Default: `"event"`. */
  readonly errors?: ErrorMode;
  /** Whether system prompts are recorded, as the property `system_prompt`. Environment: `TRUBRICS_SYSTEM_PROMPT`. Default: false. */
  readonly systemPrompt?: boolean;
  /**
   * Sees every field of a record before it is queued, and returns it, changed or not; `undefined` drops it. If it throws, the
   * record is dropped and counted, never sent as it was. For a failed call it sees the record that the event is made from, for
   * feedback one with the comment as `prompt`. `redactPersonalData` is a ready-made one.
   */
  readonly redact?: (record: PromptRecord) => PromptRecord | undefined;
  /** Characters of prompt and of generation that are kept. Environment: `TRUBRICS_MAX_TEXT_LENGTH`. Default: 100,000. */
  readonly maxTextLength?: number;
  /** Characters of a text in properties, and of a tag, that are kept. Environment: `TRUBRICS_MAX_PROPERTY_LENGTH`. Default: 32,000. */
  readonly maxPropertyLength?: number;
  /** Name of the prompt event in Trubrics. Environment: `TRUBRICS_PROMPT_EVENT_NAME`. Default: `"Prompt"`. */
  readonly promptEventName?: string;
  /** Name of the generation event in Trubrics. Environment: `TRUBRICS_GENERATION_EVENT_NAME`. Default: `"Generation"`. */
  readonly generationEventName?: string;
  /** Records that are waited for before a batch is sent. Environment: `TRUBRICS_FLUSH_AT`. Default: 20. */
  readonly flushAt?: number;
  /** Milliseconds that a record waits for company at most. Environment: `TRUBRICS_FLUSH_INTERVAL_MS`. Default: 5,000. */
  readonly flushIntervalMs?: number;
  /** Records that wait in memory; above it the oldest is dropped and counted. Environment: `TRUBRICS_MAX_QUEUE_RECORDS`. Default: 10,000. */
  readonly maxQueueRecords?: number;
  /** Bytes of JSON that wait in memory. Environment: `TRUBRICS_MAX_QUEUE_BYTES`. Default: 32,000,000. */
  readonly maxQueueBytes?: number;
  /** Milliseconds after which a record that could not be delivered is dropped. Environment: `TRUBRICS_MAX_AGE_MS`. Default: 48 hours. */
  readonly maxAgeMs?: number;
  /** Milliseconds for one request. Environment: `TRUBRICS_REQUEST_TIMEOUT_MS`. Default: 10,000. */
  readonly requestTimeoutMs?: number;
  /** Milliseconds that `forceFlush()` and `shutdown()` wait at most. Environment: `TRUBRICS_FLUSH_TIMEOUT_MS`. Default: 10,000. */
  readonly flushTimeoutMs?: number;
  /**
   * Milliseconds after which the exporter answers its span processor although records are still queued (they stay queued).
   * Environment: `TRUBRICS_EXPORT_TIMEOUT_MS`. Default: 10,000.
   */
  readonly exportTimeoutMs?: number;
  /** Keeps records on disk until they are delivered: `fileSpool()` of `opentelemetry-exporter-trubrics/node`. */
  readonly spool?: Spool;
  /**
   * Prolongs the call of a serverless function until its records are sent, for instance `waitUntil` of `@vercel/functions` or of
   * `cloudflare:workers`.
   */
  readonly waitUntil?: (work: Promise<unknown>) => void;
  /**
   * `true`: flushes before the process ends, also by SIGTERM and SIGINT. `false`: not even when the page of a browser is left.
   * Environment: `TRUBRICS_FLUSH_ON_EXIT`.
   */
  readonly flushOnExit?: boolean;
  /** Gets the `otel.sdk.exporter.*` metrics of the delivery. Default: the global meter provider, if there is one. */
  readonly meterProvider?: MeterProvider;
  /** Called for every record that a destination will not get, with the reason. What it throws is ignored. */
  readonly onDrop?: (drop: DroppedEntry) => void;
  /** The `fetch` to send with. Default: the global one. */
  readonly fetch?: typeof globalThis.fetch;
}

/** Options with every default filled in. */
export type ResolvedOptions = Resolved<TrubricsOptions, typeof OPTIONS>;

/** Every option, once: environment variable, default, check. The README's table is checked against it. */
export const OPTIONS = {
  apiKey: { env: 'TRUBRICS_API_KEY', secret: true, ...text },
  host: { env: 'TRUBRICS_HOST', default: DEFAULT_INGESTION_HOST, ...text },
  email: { env: 'TRUBRICS_EMAIL', ...text },
  password: { env: 'TRUBRICS_PASSWORD', secret: true, ...text },
  firebaseApiKey: { env: 'TRUBRICS_FIREBASE_API_KEY', secret: true, ...text },
  project: { env: 'TRUBRICS_PROJECT', ...text },
  destination: { accepts: 'a destination, or an array of at least one', check: isDestinations },
  allowInsecure: { env: 'TRUBRICS_ALLOW_INSECURE', default: false, ...flag },
  disabled: { env: 'TRUBRICS_DISABLED', default: false, ...flag },
  userId: callback,
  threadId: callback,
  defaultUserId: { env: 'TRUBRICS_DEFAULT_USER_ID', ...text },
  baggageKeys: {
    env: 'TRUBRICS_BAGGAGE_KEYS',
    accepts: 'an array of strings, or an object with userId or threadId',
    check: isBaggageKeys,
    parse: parseList,
  },
  hashUserId: {
    env: 'TRUBRICS_HASH_USER_ID',
    secret: true,
    accepts: 'a string of at least 16 characters',
    check: (value: unknown) => isText(value) && String(value).length >= 16,
  },
  samplingRatio: {
    env: 'TRUBRICS_SAMPLING_RATIO',
    default: 1,
    accepts: 'a number from 0 to 1',
    check: (value: unknown) => typeof value === 'number' && value >= 0 && value <= 1,
    parse: Number,
  },
  granularity: {
    env: 'TRUBRICS_GRANULARITY',
    default: 'call',
    ...oneOf('call', 'turn', 'both'),
  },
  tags: { env: 'TRUBRICS_TAGS', default: [], ...texts },
  properties: record,
  errors: {
    env: 'TRUBRICS_ERRORS',
    default: 'event',
    ...oneOf('event', 'record', 'skip'),
  },
  systemPrompt: { env: 'TRUBRICS_SYSTEM_PROMPT', default: false, ...flag },
  redact: callback,
  maxTextLength: {
    env: 'TRUBRICS_MAX_TEXT_LENGTH',
    default: DEFAULT_RECORD_SETTINGS.maxTextLength,
    ...count,
  },
  maxPropertyLength: { env: 'TRUBRICS_MAX_PROPERTY_LENGTH', default: 32_000, ...count },
  promptEventName: { env: 'TRUBRICS_PROMPT_EVENT_NAME', default: 'Prompt', ...text },
  generationEventName: { env: 'TRUBRICS_GENERATION_EVENT_NAME', default: 'Generation', ...text },
  flushAt: { env: 'TRUBRICS_FLUSH_AT', default: DEFAULT_DELIVERY_SETTINGS.flushAt, ...count },
  flushIntervalMs: {
    env: 'TRUBRICS_FLUSH_INTERVAL_MS',
    default: DEFAULT_DELIVERY_SETTINGS.flushIntervalMs,
    ...count,
  },
  maxQueueRecords: {
    env: 'TRUBRICS_MAX_QUEUE_RECORDS',
    default: DEFAULT_DELIVERY_SETTINGS.maxQueueRecords,
    ...count,
  },
  maxQueueBytes: {
    env: 'TRUBRICS_MAX_QUEUE_BYTES',
    default: DEFAULT_DELIVERY_SETTINGS.maxQueueBytes,
    ...count,
  },
  maxAgeMs: { env: 'TRUBRICS_MAX_AGE_MS', default: DEFAULT_DELIVERY_SETTINGS.maxAgeMs, ...count },
  requestTimeoutMs: {
    env: 'TRUBRICS_REQUEST_TIMEOUT_MS',
    default: DEFAULT_DELIVERY_SETTINGS.requestTimeoutMs,
    ...count,
  },
  flushTimeoutMs: {
    env: 'TRUBRICS_FLUSH_TIMEOUT_MS',
    default: DEFAULT_DELIVERY_SETTINGS.shutdownTimeoutMs,
    ...count,
  },
  exportTimeoutMs: { env: 'TRUBRICS_EXPORT_TIMEOUT_MS', default: 10_000, ...count },
  spool: objectWith('the result of fileSpool()', 'open'),
  waitUntil: callback,
  flushOnExit: { env: 'TRUBRICS_FLUSH_ON_EXIT', ...flag },
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

/** Returns the settings of each destination's delivery. */
export function deliverySettings(options: ResolvedOptions): Partial<DeliverySettings> {
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
