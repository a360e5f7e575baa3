import type { SpanLike } from '../../src/reading/model/span-like.js';
import { TraceBuffer } from '../../src/server/ingest/otlp/joining/trace-buffer.js';
import { toNewRecord } from '../../src/server/ingest/otlp/to-new-record.js';
import type { NewRecord } from '../../src/server/model/stored-record.js';

/** What a store holds after requests with spans, as the server applies them. */
export class StoredFromSpans {
  readonly byId = new Map<string, NewRecord>();
  readonly #buffer = new TraceBuffer();

  get noCalls(): number {
    return this.#buffer.noCalls;
  }

  send(spans: readonly SpanLike[]): void {
    const found = this.#buffer.add(spans);
    for (const call of found.calls) {
      const record = toNewRecord(call, '');
      if (record) this.byId.set(record.id, record);
    }
    for (const id of found.superseded) this.byId.delete(id);
    found.onStored();
  }

  /** Sends a request that the store refuses. */
  fail(spans: readonly SpanLike[]): void {
    this.#buffer.add(spans);
  }

  sorted(): readonly NewRecord[] {
    return [...this.byId.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  }
}
