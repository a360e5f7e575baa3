import { defineOptions, type OptionTable } from '../../common/options/define-options.js';
import { callback, text } from '../../common/options/option-kinds.js';
import type { PromptRecord, TrackedEvent } from '../../records/model/prompt-record.js';
import type { DestinationResponse, Batch, Destination, Entry, EntryKind } from '../destination.js';
import { fetchInit, untracedFetch, type FetchLike } from '../http/fetch.js';
import { quoteJson } from '../../common/quote-json.js';
import { checkIngestionTarget, INGESTION_TARGET_OPTIONS, type IngestionTarget } from './ingestion-target.js';
import { withKeepalive } from '../http/keepalive.js';
import { readBriefly } from '../http/response-body.js';
import { readValidationErrors } from './validation-errors.js';

export interface TrubricsIngestionOptions extends IngestionTarget {
  /** Shown in `stats()` and log lines; the API key alone decides where records go. Environment: `TRUBRICS_PROJECT`. */
  readonly project?: string;
  /** Replaces the global `fetch`, for instance to go through a proxy. */
  readonly fetch?: FetchLike;
  /** The name under which Trubrics shows a prompt. Default `"Prompt"`. */
  readonly promptEventName?: string;
  /** The name under which Trubrics shows a generation. Default `"Generation"`. */
  readonly generationEventName?: string;
}

const OPTIONS = {
  ...INGESTION_TARGET_OPTIONS,
  project: { env: 'TRUBRICS_PROJECT', ...text },
  fetch: callback,
  promptEventName: { default: 'Prompt', ...text },
  generationEventName: { default: 'Generation', ...text },
} as const satisfies OptionTable<TrubricsIngestionOptions>;

const resolveOptions = defineOptions<TrubricsIngestionOptions, typeof OPTIONS>(OPTIONS);

const ENDPOINTS: Readonly<Record<EntryKind, string>> = {
  prompt: 'publish_llm_events',
  event: 'publish_events',
};

/** The documentation of the service allows no more in one request; its limit of bytes is unknown. */
const LIMITS = { maxItems: 100, maxBytes: 900_000 };

/**
 * The Trubrics ingestion API, which authenticates with an API key; also spoken by the local Trubrics
 * (`npx opentelemetry-exporter-trubrics dev`), which needs no key.
 *
 * ```ts
 * new TrubricsSpanProcessor({ destination: trubricsIngestion({ apiKey: '…', host: 'https://trubrics.example/api/ingestion' }) });
 * ```
 *
 * @throws TypeError when an option is wrong, or the API key is missing and the host is not this machine.
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
  const eventNames = namesOfEvents(promptEventName, generationEventName);

  return {
    name: project ? `trubrics:${project}` : 'trubrics',
    url: host,
    limits: LIMITS,
    encode: (entry: Entry) =>
      entry.kind === 'prompt' ? llmEvent(entry.record, eventNames) : JSON.stringify(plainEvent(entry.event)),
    async send(batch: Batch, { signal }): Promise<DestinationResponse> {
      const fetch = customFetch ?? untracedFetch();
      const body = `[${batch.items.join(',')}]`;
      const response = await withKeepalive(body, (init) =>
        fetch(`${host}/${ENDPOINTS[batch.kind]}`, {
          ...fetchInit(),
          ...init,
          method: 'POST',
          headers: { 'content-type': 'application/json', 'x-api-key': apiKey },
          body,
          redirect: 'manual',
          signal,
        }),
      );
      return answerOf(response);
    },
  };
}

/**
 * The field order is that of the official SDK. Written by hand, since this runs in the application's own time and half of what
 * `JSON.stringify` takes is for texts that have nothing to escape.
 */
function llmEvent(record: PromptRecord, eventNames: string): string {
  const thread = record.threadId === undefined ? '' : `"thread_id":${toJson(record.threadId)},`;
  return (
    `{"user_id":${toJson(record.userId)},"prompt":${toJson(record.prompt)},"generation":${toJson(record.generation)},` +
    `"assistant_id":${toJson(record.assistantId)},${thread}"timestamp":${toJson(record.timestamp)},` +
    `"latency":${toJson(record.latency)},${eventNames},"properties":${JSON.stringify(propertiesOf(record, record.tags))}}`
  );
}

function namesOfEvents(prompt: string, generation: string): string {
  return `"prompt_event_name":${toJson(prompt)},"generation_event_name":${toJson(generation)}`;
}

function toJson(value: unknown): string {
  return typeof value === 'string' ? quoteJson(value) : (JSON.stringify(value) ?? 'null');
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
 * `$event_id` lets a repeated delivery be recognised: the API knows no idempotency key. Name by name, and not by
 * spreading: V8 is slow with objects that grow after a spread, and this runs in the application's own time.
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

async function answerOf(response: Response): Promise<DestinationResponse> {
  const { status, headers } = response;
  // Read in every case: an unread body holds its connection until it is collected.
  const body = await readBriefly(response);
  return { status, headers, ...(status === 422 && readValidationErrors(body)) };
}
