import { hasMethod } from '../../common/unknown-values.js';
import { notAccepted } from '../../common/options/define-options.js';
import type { PromptRecord, TrackedEvent } from '../../records/model/prompt-record.js';
import { accountIdOf } from '../account-id.js';
import type { Batch, Destination, Entry } from '../destination.js';

/** The methods of a `@trubrics/trubrics` client that are used. */
export interface TrubricsSdkClient {
  trackLLM(request: {
    user_id: string;
    prompt: string;
    assistant_id: string;
    generation: string;
    properties?: Record<string, unknown>;
    timestamp?: Date;
    latency?: number;
  }): unknown;
  track?(request: {
    event: string;
    user_id: string;
    properties?: Record<string, unknown>;
    timestamp?: Date;
  }): unknown;
  flush(): Promise<unknown>;
}

/** Replaces an empty prompt or generation, for which the SDK 0.5.25 drops the record without an error. */
const NO_TEXT = '(no text)';
/** Flushes for one batch. The SDK sends at most 100 entries in one flush. */
const MAX_FLUSHES = 50;
/** Pause while the SDK runs a flush of its own: `flush()` returns at once then. */
const BUSY_WAIT_MS = 50;

/**
 * Returns a destination that passes records to an existing client of the official SDK, with its settings and its queue.
 *
 * Prefer {@link trubricsIngestion}: the result of the client's requests cannot be seen, so an entry counts as delivered after the
 * client was flushed. The SDK reports refused entries only on the console.
 *
 * SDK 0.5.25 silently drops an empty prompt or generation and a fractional latency. Therefore an empty text is replaced by
 * `"(no text)"`, and the latency is rounded to whole seconds; the exact value is in `properties.latency`. If the client has no
 * `track` method, events are dropped as `unsupported`.
 *
 * @throws TypeError if the client lacks `trackLLM` or `flush`.
 */
export function fromTrubricsSdk(client: TrubricsSdkClient): Destination {
  checkClient(client);
  // Items of failed batches that the client has accepted: the retry must not pass them to the client again.
  const alreadyTaken: string[] = [];
  return {
    name: 'trubrics-sdk',
    ...accountOf(client),
    limits: { maxItems: 100 },
    encode(entry: Entry) {
      if (entry.kind === 'prompt') return JSON.stringify(llmRequest(entry.record));
      return typeof client.track === 'function' ? JSON.stringify(eventRequest(entry.event)) : undefined;
    },
    async send(batch: Batch, { signal }) {
      const taken: string[] = [];
      try {
        for (const item of batch.items) {
          if (!removeOne(alreadyTaken, item)) handOver(client, batch.kind, item);
          taken.push(item);
        }
        await flushAll(client, signal);
      } catch (error) {
        alreadyTaken.push(...taken);
        throw error;
      }
    },
  };
}

/** The SDK 0.5.25 keeps key and host in private fields, which exist at run time. */
function accountOf(client: TrubricsSdkClient): Pick<Destination, 'accountId'> {
  const { apiKey, host } = client as { readonly apiKey?: unknown; readonly host?: unknown };
  return typeof apiKey === 'string' ? { accountId: accountIdOf(apiKey, String(host)) } : {};
}

function llmRequest(record: PromptRecord): object {
  return {
    user_id: record.userId,
    prompt: record.prompt || NO_TEXT,
    generation: record.generation || NO_TEXT,
    assistant_id: record.assistantId || 'unknown',
    ...(record.threadId !== undefined && { thread_id: record.threadId }),
    timestamp: record.timestamp,
    latency: Math.round(record.latency) || 0,
    properties: {
      ...record.properties,
      latency: record.latency,
      ...(record.tags.length > 0 && { tags: record.tags }),
      ...(record.threadId !== undefined && { $thread_id: record.threadId }),
      $event_id: record.id,
    },
  };
}

function eventRequest(event: TrackedEvent): object {
  return {
    event: event.event,
    user_id: event.userId,
    timestamp: event.timestamp,
    properties: {
      ...event.properties,
      ...(event.threadId !== undefined && { $thread_id: event.threadId }),
      $event_id: event.id,
    },
  };
}

function handOver(client: TrubricsSdkClient, kind: Batch['kind'], item: string): void {
  // Parsed for each call, because the client keeps the object and changes it.
  const request = JSON.parse(item) as Parameters<TrubricsSdkClient['trackLLM']>[0] &
    Parameters<NonNullable<TrubricsSdkClient['track']>>[0];
  const timestamp = new Date(request.timestamp ?? Number.NaN);
  request.timestamp = Number.isNaN(timestamp.getTime()) ? new Date() : timestamp;
  if (kind === 'prompt') client.trackLLM(request);
  else client.track?.(request);
}

function removeOne(items: string[], item: string): boolean {
  const index = items.indexOf(item);
  if (index >= 0) items.splice(index, 1);
  return index >= 0;
}

/**
 * Flushes until the client's queue is empty. The queue is a private field; if it cannot be read, flushes twice.
 *
 * @throws Error if the client keeps its entries
 */
async function flushAll(client: TrubricsSdkClient, signal: AbortSignal): Promise<void> {
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(new Error('flush took too long')));
  });
  for (let flushes = 0; flushes < MAX_FLUSHES; flushes++) {
    const { isFlushing } = clientState(client);
    await Promise.race([isFlushing ? pause(BUSY_WAIT_MS) : client.flush(), aborted]);
    const { queued } = clientState(client);
    if (queued === 0 || (queued === undefined && flushes > 0)) return;
  }
  throw new Error(`the client still has entries after ${MAX_FLUSHES} flushes`);
}

function clientState(client: object): { readonly queued: number | undefined; readonly isFlushing: boolean } {
  const { queue, isFlushing }: { readonly queue?: unknown; readonly isFlushing?: unknown } = client;
  return { queued: Array.isArray(queue) ? queue.length : undefined, isFlushing: isFlushing === true };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function checkClient(client: unknown): void {
  const missing = ['trackLLM', 'flush'].filter((method) => !hasMethod(client, method));
  if (missing.length === 0) return;
  throw notAccepted(
    'The client given to fromTrubricsSdk',
    'an instance of Trubrics from "@trubrics/trubrics"',
    `a client without ${missing.join('() and ')}()`,
  );
}
