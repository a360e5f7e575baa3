import type { PromptRecord, TrackedEvent } from '../records/model/prompt-record.js';

/** One prompt record or event to deliver. */
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
 * Response of a destination to a batch, in HTTP terms. A fetch `Response` fits. The delivery acts on `status`:
 *
 * - 2xx: the batch is delivered.
 * - 408, 425, 429, and 5xx except 501 and 505: it is retried with backoff; a `retry-after` header is honoured.
 * - 413: it is split.
 * - 400 and 422: the items in `rejected` are dropped. Without `rejected` the batch is bisected to find the bad ones.
 * - 401 and 403: the state in `stats()` is `unauthorized`. Entries are kept; the next flush or probe tries again.
 * - Any other status: the batch is dropped.
 */
export interface DestinationResponse {
  readonly status: number;
  readonly headers?: { get(name: string): string | null };
  /** Indexes into {@link Batch.items} of the items that were refused for good. */
  readonly rejected?: readonly number[];
  /** A short reason for `stats()` and log lines. Must contain neither credentials nor content. */
  readonly reason?: string;
}

/** @deprecated Renamed to {@link DestinationResponse}. Removed with the next minor version. */
export type Answer = DestinationResponse;

/** Context of one request. */
export interface SendContext {
  readonly signal: AbortSignal;
  /**
   * Registers a function that lets the process end although the request is in flight. It is called when no flush waits for the request
   * any more, and returns false if it cannot do that. Then, or without a function, the request is aborted and sent again later.
   */
  readonly onRelease?: (release: () => boolean) => void;
}

/**
 * Receives the records. Implement it to send them anywhere:
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
  /** URL without credentials, for the server attributes of the self-metrics. Default: none. */
  readonly url?: string;
  /**
   * Hash of the credentials, if they decide whose records these are. A spool keeps the entries of different accounts apart, also if
   * the name and the URL are the same. Must not be the credentials themselves: it is part of file names. Default: none.
   */
  readonly accountId?: string;
  /** Limits of one batch. Default: 100 items, 900,000 bytes of JSON. */
  readonly limits?: { readonly maxItems?: number; readonly maxBytes?: number };
  /**
   * Returns the entry as JSON, exactly as it is sent. Called once, when the entry is queued. `undefined` means that the
   * destination does not support the entry, which is dropped as `unsupported`.
   */
  encode(entry: Entry): string | undefined;
  /**
   * Sends one batch. Resolves with nothing if the batch is delivered, or with a {@link DestinationResponse}. A rejection counts as
   * a failed connection and is retried. `signal` aborts after `requestTimeoutMs`.
   */
  send(batch: Batch, context: SendContext): Promise<DestinationResponse | void>;
  /** Releases resources. Called once, after the last batch. */
  shutdown?(): Promise<void>;
}
