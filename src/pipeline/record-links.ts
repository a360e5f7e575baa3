import type { LlmCall } from '../reading/model/llm-call.js';

const MAX_TRACES = 5_000;
/** Of a trace, the latest. */
const MAX_SPANS = 200;

interface TraceLinks {
  /** Spans and, at the same places, the records that they are part of: most traces have one, and nearly none is ever looked up. */
  readonly spanIds: string[];
  readonly recordIds: string[];
}

/**
 * Remembers which record a span became part of, so that feedback given on a span finds it: on that of a call, which may be a part of
 * a turn, or on one around the call, such as the request's. Ids alone; the trace that was silent for longest is forgotten first.
 */
export class RecordLinks {
  readonly #byTrace = new Map<string, TraceLinks>();
  readonly #byResponse = new Map<string, string>();

  /** A record was made of these calls. */
  add(recordId: string, calls: readonly LlmCall[]): void {
    for (const { traceId, spanId, responseId } of calls) {
      const links = this.#byTrace.get(traceId) ?? { spanIds: [], recordIds: [] };
      if (links.spanIds.length === MAX_SPANS) {
        links.spanIds.shift();
        links.recordIds.shift();
      }
      links.spanIds.push(spanId);
      links.recordIds.push(recordId);
      renew(this.#byTrace, traceId, links);
      if (responseId !== undefined) renew(this.#byResponse, responseId, recordId);
    }
  }

  /** The record that a span is part of, else the latest of its trace. */
  ofSpan({ traceId, spanId }: { readonly traceId: string; readonly spanId: string }): string | undefined {
    const { spanIds = [], recordIds = [] } = this.#byTrace.get(traceId) ?? {};
    return recordIds[spanIds.lastIndexOf(spanId)] ?? recordIds.at(-1);
  }

  /** The record of the answer that the provider gave this id. */
  ofResponse(responseId: string | undefined): string | undefined {
    return responseId === undefined ? undefined : this.#byResponse.get(responseId);
  }
}

/** Sets a key as the newest, and forgets the oldest above the limit. */
function renew<T>(map: Map<string, T>, key: string, value: T): void {
  map.delete(key);
  map.set(key, value);
  if (map.size <= MAX_TRACES) return;
  const [oldest] = map.keys();
  if (oldest !== undefined) map.delete(oldest);
}
