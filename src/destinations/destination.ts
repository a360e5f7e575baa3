import type { PromptRecord, TrackedEvent } from '../records/model/prompt-record.js';

/** One thing to deliver. */
export type Entry =
  | { readonly kind: 'prompt'; readonly record: PromptRecord }
  | { readonly kind: 'event'; readonly event: TrackedEvent };

/** Prompts and events travel in separate batches, so that neither holds up the other. */
export type EntryKind = Entry['kind'];

/** Entries of one kind, in the order in which they were accepted, each as {@link Destination.encode} returned it. */
export interface Batch {
  readonly kind: EntryKind;
  readonly items: readonly string[];
}

/**
 * How a destination answered a batch, in HTTP terms; a fetch `Response` fits.
 *
 * 2xx is delivered. 408, 425, 429 and 5xx (but 501 and 505) are retried, `retry-after` is honoured. 413 splits the batch.
 * 400 and 422 drop the items in `rejected`, or search for the bad ones when there is no such list. 401 and 403 park the queue.
 * Any other status drops the batch.
 */
export interface DestinationResponse {
  readonly status: number;
  readonly headers?: { get(name: string): string | null };
  /** Indexes into {@link Batch.items} that were refused for good. */
  readonly rejected?: readonly number[];
  /** A short reason for `stats()` and logs. Must contain neither credentials nor content. */
  readonly reason?: string;
}

/**
 * Where records go. Implement it to send them anywhere:
 *
 * ```ts
 * const webhook: Destination = {
 *   name: 'webhook',
 *   encode: (entry) => (entry.kind === 'prompt' ? JSON.stringify(entry.record) : undefined),
 *   send: (batch, { signal }) =>
 *     fetch('https://example.com/hook', { method: 'POST', body: `[${batch.items.join(',')}]`, redirect: 'manual', signal }),
 * };
 * ```
 */
export interface Destination {
  /** Shown in `stats()` and log lines. */
  readonly name: string;
  /** Where it sends to, without credentials: the self-metrics name the server. */
  readonly url?: string;
  /** The most that one batch may hold. Defaults: 100 items, 900,000 bytes of JSON. */
  readonly limits?: { readonly maxItems?: number; readonly maxBytes?: number };
  /** Turns an entry into its final JSON text, once, when it is queued. `undefined`: this destination does not take it. */
  encode(entry: Entry): string | undefined;
  /**
   * Sends one batch. Nothing returned means delivered; an {@link DestinationResponse} is judged by its status; a rejection is a failed
   * connection and is retried. `signal` aborts when the request has taken too long.
   */
  send(batch: Batch, context: { readonly signal: AbortSignal }): Promise<DestinationResponse | void>;
  /** Releases what the destination holds, after its last batch. */
  shutdown?(): Promise<void>;
}
