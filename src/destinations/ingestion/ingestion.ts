import { defineOptions, type OptionTable } from '../../common/options/define-options.js';
import { callback, text, trubricsVariable } from '../../common/options/option-kinds.js';
import type { PromptRecord, TrackedEvent } from '../../records/model/prompt-record.js';
import type { DestinationResponse, Batch, Destination, Entry, EntryKind } from '../destination.js';
import { fetchInit, unpatchedFetch, withKeepalive, type FetchLike } from '../http/fetch.js';
import { escapeJson, quoteJson } from '../../common/quote-json.js';
import { hasMethod } from '../../common/unknown-values.js';
import { accountIdOf } from '../account-id.js';
import { checkIngestionTarget, INGESTION_TARGET_OPTIONS, type IngestionTarget } from './ingestion-target.js';
import { socketRelease } from '../http/release-socket.js';
import { readBriefly } from '../http/response-body.js';
import { readValidationErrors } from './validation-errors.js';

/** Options of {@link trubricsIngestion}. All but the host are optional. */
export interface TrubricsIngestionOptions extends IngestionTarget {
  /** Name shown in `stats()` and log lines. The API key alone selects the project. Environment: `TRUBRICS_PROJECT`. */
  readonly project?: string | undefined;
  /** The `fetch` to send with, for instance through a proxy. Default: the global one. */
  readonly fetch?: FetchLike | undefined;
  /** Name of the prompt event in Trubrics. Default: `"Prompt"`. */
  readonly promptEventName?: string | undefined;
  /** Name of the generation event in Trubrics. Default: `"Generation"`. */
  readonly generationEventName?: string | undefined;
}

const OPTIONS = {
  ...INGESTION_TARGET_OPTIONS,
  project: { env: trubricsVariable, ...text },
  fetch: callback,
  promptEventName: { default: 'Prompt', ...text },
  generationEventName: { default: 'Generation', ...text },
} as const satisfies OptionTable<TrubricsIngestionOptions>;

const resolveOptions = defineOptions<TrubricsIngestionOptions, typeof OPTIONS>(OPTIONS);

const ENDPOINTS: Readonly<Record<EntryKind, string>> = {
  prompt: 'publish_llm_events',
  event: 'publish_events',
};

/** Path of the API on the hosted and on the local Trubrics. */
const INGESTION_PATH = '/api/ingestion';
const WITH_INGESTION_PATH = /^.*?\/api\/ingestion(?=\/|$)/;

/** 100 items is the documented limit of a request. The limit of bytes is not documented. */
const LIMITS = { maxItems: 100, maxBytes: 900_000 };

/**
 * Returns a destination that sends to the Trubrics ingestion API, which authenticates with an API key. The local Trubrics
 * (`npx opentelemetry-exporter-trubrics dev`) implements the same API and needs no key.
 *
 * ```ts
 * new TrubricsSpanProcessor({ destination: trubricsIngestion({ apiKey: '…', host: 'https://trubrics.example/api/ingestion' }) });
 * ```
 *
 * @throws TypeError if an option is unknown or wrong, if there is no host, or if the API key is missing and the host is not this
 *   machine.
 */
export function trubricsIngestion(options: TrubricsIngestionOptions = {}): Destination {
  const {
    project,
    promptEventName,
    generationEventName,
    fetch: customFetch,
    ...target
  } = resolveOptions(options);
  const { apiKey, host } = checkIngestionTarget(target);
  const eventNames = eventNamesJson(promptEventName, generationEventName);

  return {
    name: project ? `trubrics:${project}` : 'trubrics',
    url: host,
    accountId: accountIdOf(apiKey),
    limits: LIMITS,
    encode: (entry: Entry) =>
      entry.kind === 'prompt' ? llmEvent(entry.record, eventNames) : JSON.stringify(plainEvent(entry.event)),
    async send(batch: Batch, { signal, onRelease }): Promise<DestinationResponse> {
      const url = `${host}/${ENDPOINTS[batch.kind]}`;
      const release = customFetch ? undefined : socketRelease(url);
      if (release) onRelease?.(release);
      const fetch = customFetch ?? unpatchedFetch();
      const body = jsonArray(batch.items);
      const response = await withKeepalive(body, (init) =>
        fetch(url, {
          ...fetchInit(),
          ...init,
          method: 'POST',
          headers: { 'content-type': 'application/json', 'x-api-key': apiKey },
          body,
          redirect: 'manual',
          signal,
        }),
      );
      return toDestinationResponse(response, url);
    },
  };
}

/**
 * Returns the JSON of a record, with the field order of the official SDK. Concatenated instead of one `JSON.stringify` call, because
 * it runs in the application's thread: {@link quoteJson} is faster for long texts (test/bench/delivery.mjs).
 */
function llmEvent(record: PromptRecord, eventNames: string): string {
  const thread = record.threadId === undefined ? '' : `"thread_id":${toJson(record.threadId)},`;
  return (
    `{"user_id":"${escapeJson(record.userId)}","prompt":"${escapeJson(record.prompt)}",` +
    `"generation":"${escapeJson(record.generation)}","assistant_id":"${escapeJson(record.assistantId)}",` +
    `${thread}"timestamp":"${escapeJson(record.timestamp)}","latency":${toJson(record.latency)},${eventNames},` +
    `"properties":${JSON.stringify(propertiesOf(record, record.tags))}}`
  );
}

/** Joined in one step: `fetch` would copy a text that is put together from `[` and a joined list (test/bench/delivery.mjs). */
function jsonArray(items: readonly string[]): string {
  const parts = ['['];
  for (const item of items) parts.push(item, ',');
  parts[Math.max(parts.length - 1, 1)] = ']';
  return parts.join('');
}

function eventNamesJson(prompt: string, generation: string): string {
  return `"prompt_event_name":${toJson(prompt)},"generation_event_name":${toJson(generation)}`;
}

function toJson(value: unknown): string {
  if (typeof value === 'string') return quoteJson(value);
  return Number.isFinite(value) ? String(value) : (JSON.stringify(value) ?? 'null');
}

function plainEvent(event: TrackedEvent): object {
  return {
    user_id: event.userId,
    event: event.event,
    timestamp: event.timestamp,
    properties: propertiesOf(event, []),
  };
}

/**
 * Returns the properties as they are sent. The API has no idempotency key, so `$event_id` identifies repeated deliveries. Assigns
 * names one by one, which is faster than spread syntax.
 */
function propertiesOf(
  { id, threadId, properties }: Pick<TrackedEvent, 'id' | 'threadId' | 'properties'>,
  tags: readonly string[],
): object {
  const all: Record<string, unknown> = Object.assign({}, properties);
  if (tags.length > 0) all['tags'] = tags;
  if (threadId !== undefined) all['$thread_id'] = threadId;
  all['$event_id'] = id;
  return all;
}

async function toDestinationResponse(response: Response, url: string): Promise<DestinationResponse> {
  const { status, headers } = response;
  // Always read the body: an unread one holds its connection until it is garbage-collected.
  const body = await readBriefly(response);
  if (status === 404 || status === 405) return { status, headers, reason: noApiAt(url) };
  if (response.ok && isWebPage(headers))
    return { status: Number.NaN, reason: `HTTP ${status} with a web page: ${noApiAt(url)}` };
  return { status, headers, ...(status === 422 && readValidationErrors(body)) };
}

/** A page that answers every path, such as a sign-in page, stores nothing. The API answers with JSON, or without a body. */
function isWebPage(headers: unknown): boolean {
  // A `fetch` of the application may return less than a Response.
  const type = hasMethod(headers, 'get') ? headers.get('content-type') : undefined;
  return typeof type === 'string' && /^\s*(?:text\/html|application\/xhtml\+xml)\b/i.test(type);
}

/**
 * Says what to write instead if the host lacks the path of the API, or has the name of an endpoint as well. The address of the local page
 * is a usual mistake.
 */
function noApiAt(url: string): string {
  const { origin, pathname } = new URL(url);
  const host = pathname.slice(0, pathname.lastIndexOf('/'));
  const [right = INGESTION_PATH] = WITH_INGESTION_PATH.exec(host) ?? [];
  const advice = right === host ? '' : `; set host (TRUBRICS_HOST) to ${origin}${right}`;
  return `no ingestion API at ${url}${advice}`;
}
