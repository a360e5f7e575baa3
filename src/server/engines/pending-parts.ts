/** A part of a call that lacks its other parts: its span without content, or a log record without its span. */
export interface PendingPart {
  /** Id of the record that the span would be: trace id and span id. */
  readonly id: string;
  readonly kind: 'span' | 'log';
  /** Equal for a repeated part. Unique within `id` and `kind`. */
  readonly key: string;
  /** JSON, see `server/ingest/otlp/late/encode-parts.ts`. With a span come those above it, without their long texts. */
  readonly value: string;
}

/**
 * Parts of calls that wait for others, which another server may have got, or this one before a restart. What was put is found by every later
 * `find`, whichever server asks: of two servers that put and then look, at least one finds the part of the other.
 */
export interface PendingParts {
  /** Resolves when the parts are as safe as records are. Of a part that waits already, an engine may write nothing. */
  put(parts: readonly PendingPart[]): Promise<void>;
  /** Returns the parts of these records. One can be among them several times. */
  find(ids: readonly string[]): Promise<readonly PendingPart[]>;
  /** Returns whether log records waited in the last hour. */
  hasLogs(): Promise<boolean>;
  /** Deletes parts. Resolves when no `find` returns them any more, also after a restart. One that is put later is kept. */
  forget(parts: readonly PendingPart[]): Promise<void>;
}

/** Time for which parts are kept. The queue of a Collector may hold the other part for hours. */
export const PENDING_MS = 24 * 60 * 60_000;
/** Time within which log records must have come for spans without content to wait for others. */
export const PENDING_LOGS_MS = 60 * 60_000;
