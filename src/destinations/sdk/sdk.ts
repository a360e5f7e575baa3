import { notAccepted } from '../../common/options/define-options.js';
import type { PromptRecord, TrackedEvent } from '../../records/model/prompt-record.js';
import type { Batch, Destination, Entry } from '../destination.js';

/** What is used of a client of `@trubrics/trubrics`. */
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

/** The SDK swallows a record whose prompt or generation is empty. */
const NO_TEXT = '(no text)';
/** The SDK sends 100 entries a flush, and returns at once from a flush while another one is under way. */
const MAX_FLUSHES = 50;
const BUSY_WAIT_MS = 50;

/**
 * Hands records to an existing client of the official SDK, with its settings and its queue.
 *
 * Prefer {@link trubricsIngestion}: what happens behind the client's queue cannot be seen, so an entry counts as delivered
 * when the client has taken it and has had the chance to flush; whether the server accepted it, only the SDK's console output
 * tells. SDK 0.5.25 refuses an empty prompt or generation and a fractional latency without a word: an empty text is replaced
 * by `"(no text)"` and the latency is rounded to whole seconds; the exact value stays in `properties.latency`. Without a
 * `track` method events are not taken.
 *
 * @throws TypeError when the client lacks `trackLLM` or `flush`.
 */
export function fromTrubricsSdk(client: TrubricsSdkClient): Destination {
  checkClient(client);
  // Items that the client has, of batches that failed all the same: they come again, and must not be handed over twice.
  const alreadyTaken: string[] = [];
  return {
    name: 'trubrics-sdk',
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
  // Parsed anew for each call: the client keeps the object, and writes to it.
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

/** Flushes until the client's queue is empty, which is not public and may not be there: then a second flush has to do. */
async function flushAll(client: TrubricsSdkClient, signal: AbortSignal): Promise<void> {
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(new Error('flush took too long')));
  });
  for (let flushes = 0; flushes < MAX_FLUSHES; flushes++) {
    const { isFlushing } = stateOf(client);
    await Promise.race([isFlushing ? pause(BUSY_WAIT_MS) : client.flush(), aborted]);
    const { queued } = stateOf(client);
    if (queued === 0 || (queued === undefined && flushes > 0)) return;
  }
}

function stateOf(client: object): { readonly queued: number | undefined; readonly isFlushing: boolean } {
  const { queue, isFlushing } = client as { readonly queue?: unknown; readonly isFlushing?: unknown };
  return { queued: Array.isArray(queue) ? queue.length : undefined, isFlushing: isFlushing === true };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function checkClient(client: unknown): void {
  const missing = ['trackLLM', 'flush'].filter(
    (method) => typeof (client as Record<string, unknown> | null | undefined)?.[method] !== 'function',
  );
  if (missing.length === 0) return;
  throw notAccepted(
    'The client given to fromTrubricsSdk',
    'an instance of Trubrics from "@trubrics/trubrics"',
    `a client without ${missing.join('() and ')}()`,
  );
}
