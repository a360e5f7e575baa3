import type { LlmCall } from '../reading/model/llm-call.js';

const MAX_TRACES = 5_000;
/** Spans kept per trace. Above it, the oldest is forgotten. */
const MAX_SPANS = 200;

interface TraceLinks {
  readonly spanIds: string[];
  /** Record of the span at the same index. Two lists, not a map: most traces have one span and are never looked up. */
  readonly recordIds: string[];
}

/**
 * Remembers which record a span became part of, so that feedback on a span finds its record. The span may be a call of a turn, or one
 * around the call, such as the request. Keeps ids alone; the trace without a record for the longest time is forgotten first.
 */
export class RecordLinks {
  readonly #byTrace = new Map<string, TraceLinks>();
  readonly #byResponse = new Map<string, string>();

  /** Links the calls that a record was built from to the record. */
  add(recordId: string, calls: readonly LlmCall[]): void {
    for (const { traceId, spanId, responseId } of calls) {
      const links = this.#byTrace.get(traceId) ?? { spanIds: [], recordIds: [] };
      if (links.spanIds.length === MAX_SPANS) {
        links.spanIds.shift();
        links.recordIds.shift();
      }
      links.spanIds.push(spanId);
      links.recordIds.push(recordId);
      setNewest(this.#byTrace, traceId, links);
      if (responseId !== undefined) setNewest(this.#byResponse, responseId, recordId);
    }
  }

  /** Returns the record that a span is part of, else the latest record of its trace. */
  ofSpan({ traceId, spanId }: { readonly traceId: string; readonly spanId: string }): string | undefined {
    const { spanIds = [], recordIds = [] } = this.#byTrace.get(traceId) ?? {};
    return recordIds[spanIds.lastIndexOf(spanId)] ?? recordIds.at(-1);
  }

  /** Returns the record of the response with this id of the provider. */
  ofResponse(responseId: string | undefined): string | undefined {
    return responseId === undefined ? undefined : this.#byResponse.get(responseId);
  }
}

/** Sets a key as the newest of the map. Above {@link MAX_TRACES}, deletes the oldest. */
function setNewest<T>(map: Map<string, T>, key: string, value: T): void {
  map.delete(key);
  map.set(key, value);
  if (map.size <= MAX_TRACES) return;
  const [oldest] = map.keys();
  if (oldest !== undefined) map.delete(oldest);
}
