import type { MeterProvider } from '@opentelemetry/api';
import { DEFAULT_DELIVERY_SETTINGS, type DroppedEntry } from '../delivery/model/settings.js';
import type { Spool } from '../delivery/model/spool.js';
import type { Destination } from '../destinations/destination.js';
import { DEFAULT_INGESTION_HOST } from '../destinations/ingestion/ingestion-target.js';
import { checkOptionNames } from '../common/option-names.js';
import type { LlmCall } from '../reading/model/llm-call.js';
import type { SpanLike } from '../reading/model/span-like.js';
import type { PromptRecord } from '../records/model/prompt-record.js';
import { DEFAULT_RECORDING } from '../records/to-prompt-records.js';

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

/** The same, with `undefined` for what is not given: `{ apiKey: process.env.KEY }` compiles under `exactOptionalPropertyTypes`. */
export type OrUndefined<T> = { [K in keyof T]: T[K] | undefined };

/** Options with every default filled in. */
export type ResolvedOptions = TrubricsOptions & Required<Pick<TrubricsOptions, DefaultedOption>>;

type DefaultedOption = {
  [K in keyof typeof OPTIONS]: (typeof OPTIONS)[K] extends { readonly default: unknown } ? K : never;
}[keyof typeof OPTIONS];

/** One row of the options table. */
export interface OptionSpec {
  /** Environment variable, read when the option is not given in code. */
  readonly env?: string;
  readonly default?: string | number | boolean | readonly string[];
  /** What is accepted, for errors and for the README. */
  readonly accepts: string;
  readonly check: (value: unknown) => boolean;
  /** From the text of the environment variable to a value for `check`. */
  readonly parse?: (text: string) => unknown;
}

const text = { accepts: 'a text that is not empty', check: isText } as const;
const flag = {
  accepts: 'true or false',
  check: (value: unknown) => typeof value === 'boolean',
  parse: parseFlag,
} as const;
const count = { accepts: 'a whole number above 0', check: isCount, parse: Number } as const;
const fn = { accepts: 'a function', check: (value: unknown) => typeof value === 'function' } as const;

/** Every option, once: environment variable, default, check. The README's table is checked against it. */
export const OPTIONS = {
  apiKey: { env: 'TRUBRICS_API_KEY', ...text },
  host: { env: 'TRUBRICS_HOST', default: DEFAULT_INGESTION_HOST, ...text },
  email: { env: 'TRUBRICS_EMAIL', ...text },
  password: { env: 'TRUBRICS_PASSWORD', ...text },
  firebaseApiKey: { env: 'TRUBRICS_FIREBASE_API_KEY', ...text },
  project: { env: 'TRUBRICS_PROJECT', ...text },
  destination: { accepts: 'a destination, or an array of at least one', check: isDestinations },
  allowInsecure: { env: 'TRUBRICS_ALLOW_INSECURE', default: false, ...flag },
  disabled: { env: 'TRUBRICS_DISABLED', default: false, ...flag },
  userId: fn,
  threadId: fn,
  defaultUserId: { env: 'TRUBRICS_DEFAULT_USER_ID', ...text },
  baggageKeys: {
    env: 'TRUBRICS_BAGGAGE_KEYS',
    accepts: 'an array of texts, or an object with userId or threadId',
    check: isBaggageKeys,
    parse: parseList,
  },
  hashUserId: {
    env: 'TRUBRICS_HASH_USER_ID',
    accepts: 'a text of at least 16 characters',
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
    accepts: '"call", "turn" or "both"',
    check: (value: unknown) => value === 'call' || value === 'turn' || value === 'both',
  },
  tags: { env: 'TRUBRICS_TAGS', default: [], accepts: 'an array of texts', check: isTexts, parse: parseList },
  properties: { accepts: 'an object', check: isObject },
  errors: {
    env: 'TRUBRICS_ERRORS',
    default: 'event',
    accepts: '"event", "record" or "skip"',
    check: (value) => value === 'event' || value === 'record' || value === 'skip',
  },
  systemPrompt: { env: 'TRUBRICS_SYSTEM_PROMPT', default: false, ...flag },
  redact: fn,
  maxTextLength: { env: 'TRUBRICS_MAX_TEXT_LENGTH', default: DEFAULT_RECORDING.maxTextLength, ...count },
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
  spool: {
    accepts: 'the result of fileSpool()',
    check: (value) => typeof (value as Partial<Spool> | null)?.open === 'function',
  },
  waitUntil: fn,
  flushOnExit: { env: 'TRUBRICS_FLUSH_ON_EXIT', ...flag },
  meterProvider: {
    accepts: 'a MeterProvider',
    check: (value) => typeof (value as Partial<MeterProvider> | null)?.getMeter === 'function',
  },
  onDrop: fn,
  fetch: fn,
} as const satisfies Record<keyof TrubricsOptions, OptionSpec>;

/**
 * Fills in environment and defaults and checks everything.
 *
 * @throws TypeError that names the option, what was given and what is accepted.
 */
export function resolveOptions(
  options: OrUndefined<TrubricsOptions>,
  environment: Readonly<Record<string, string | undefined>>,
): ResolvedOptions {
  checkOptionNames(options, OPTIONS);
  const resolved: Record<string, unknown> = {};
  for (const [name, spec] of Object.entries<OptionSpec>(OPTIONS)) {
    const value = resolveOne(name, spec, (options as Record<string, unknown>)[name], environment);
    if (value !== undefined) resolved[name] = value;
  }
  return resolved as unknown as ResolvedOptions;
}

function resolveOne(
  name: string,
  spec: OptionSpec,
  given: unknown,
  environment: Readonly<Record<string, string | undefined>>,
): unknown {
  if (given !== undefined) {
    if (spec.check(given)) return given;
    throw new TypeError(`Option "${name}" must be ${spec.accepts}, not ${show(name, given)}.`);
  }
  const fromEnvironment = spec.env === undefined ? undefined : environment[spec.env]?.trim();
  if (fromEnvironment === undefined || fromEnvironment === '') return spec.default;
  const value = spec.parse ? spec.parse(fromEnvironment) : fromEnvironment;
  if (spec.check(value)) return value;
  throw new TypeError(
    `Environment variable ${spec.env} must be ${spec.accepts}, not ${show(name, fromEnvironment)}.`,
  );
}

const SECRETS: ReadonlySet<string> = new Set<keyof TrubricsOptions>([
  'apiKey',
  'password',
  'firebaseApiKey',
  'hashUserId',
]);

/** What was given, for an error message: never a secret. */
function show(name: string, value: unknown): string {
  return SECRETS.has(name) && value !== '' ? `the value given, of type ${typeof value}` : describe(value);
}

function describe(value: unknown): string {
  if (typeof value === 'string') return value === '' ? 'an empty text' : `"${value.slice(0, 60)}"`;
  if (typeof value === 'number' || typeof value === 'boolean' || value === null) return String(value);
  return Array.isArray(value) ? 'an array' : `a value of type ${typeof value}`;
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value.trim() !== '';
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

function isBaggageKeys(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0 && value.every(isText);
  if (!isObject(value)) return false;
  const names = Object.entries(value);
  return (
    names.length > 0 &&
    names.every(([name, key]) => (name === 'userId' || name === 'threadId') && isText(key))
  );
}

function isCount(value: unknown): boolean {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isDestinations(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 && value.every(isDestination) : isDestination(value);
}

function isDestination(value: unknown): boolean {
  if (!isObject(value)) return false;
  const candidate = value as Partial<Destination>;
  return (
    typeof candidate.name === 'string' &&
    typeof candidate.encode === 'function' &&
    typeof candidate.send === 'function'
  );
}

function parseFlag(value: string): unknown {
  if (/^(?:true|1|yes|on)$/i.test(value)) return true;
  return /^(?:false|0|no|off)$/i.test(value) ? false : value;
}

function parseList(value: string): string[] {
  return value
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}
