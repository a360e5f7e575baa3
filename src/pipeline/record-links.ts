import { RecentMap } from '../common/collections/recent-map.js';
import { ATTR_TRUBRICS_RUN_ID } from '../common/semconv.js';
import type { LlmCall } from '../reading/model/llm-call.js';
import type { SpanLike } from '../reading/model/span-like.js';
import { linkRuns } from './run-records.js';

const MAX_TRACES = 5_000;
/** Spans kept per trace. Above it, the oldest is forgotten. */
const MAX_SPANS = 200;

interface TraceLinks {
  readonly spanIds: string[];
  /** Record of the span at the same index. Two lists, not a map: most traces have one span and are never looked up. */
  readonly recordIds: string[];
}

/** A call, and the spans around it. */
export interface LinkedCall {
  readonly call: LlmCall;
  readonly ancestors: readonly SpanLike[];
}

/**
 * Remembers which record a span became part of, so that feedback on a span finds its record. The span may be a call of a turn, or one
 * around the call, such as the request. Keeps ids alone; the trace without a record for the longest time is forgotten first.
 */
export class RecordLinks {
  readonly #byTrace = new RecentMap<string, TraceLinks>(MAX_TRACES);
  readonly #byResponse = new RecentMap<string, string>(MAX_TRACES);

  /** Links the calls that a record was built from to the record, and the LangChain runs that they are part of. */
  add(recordId: string, calls: readonly LinkedCall[]): void {
    for (const { call, ancestors } of calls) {
      const { traceId, spanId, responseId } = call;
      if (call.runId !== undefined) linkRuns([call.runId, ...runIdsOf(ancestors)], recordId);
      this.#addSpan(traceId, spanId, recordId);
      if (responseId !== undefined) this.#byResponse.set(responseId, recordId);
    }
  }

  #addSpan(traceId: string, spanId: string, recordId: string): void {
    const links = this.#byTrace.get(traceId);
    if (!links) {
      // Literals: V8 gives an empty list room for 17 items with its first one.
      this.#byTrace.set(traceId, { spanIds: [spanId], recordIds: [recordId] });
      return;
    }
    if (links.spanIds.length === MAX_SPANS) {
      links.spanIds.shift();
      links.recordIds.shift();
    }
    links.spanIds.push(spanId);
    links.recordIds.push(recordId);
    this.#byTrace.set(traceId, links);
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

function runIdsOf(spans: readonly SpanLike[]): string[] {
  return spans.flatMap(({ attributes }) => {
    const runId = attributes[ATTR_TRUBRICS_RUN_ID];
    return typeof runId === 'string' ? [runId] : [];
  });
}
