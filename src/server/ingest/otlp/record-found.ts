import { recordId } from '../../../common/record-id.js';
import type { NewRecord } from '../../model/stored-record.js';
import type { TracedRecord } from '../intake.js';
import { StoreOrder } from '../store-order.js';
import type { FoundCalls } from './joining/found-calls.js';
import { isOptOutEvent, type LogEvent, type SpanIds } from './joining/log-events.js';
import type { TraceBuffer } from './joining/trace-buffer.js';
import type { LateFacts, NewFacts } from './late/late-facts.js';
import { toEvaluationRecord, toNewRecord } from './to-new-record.js';

/** Counts of the calls and evaluations of a request, by what became of them. */
export interface Recorded {
  readonly records: number;
  readonly withoutContent: number;
  readonly withoutTarget: number;
}

export interface FoundRecorderParts {
  readonly traces: TraceBuffer;
  readonly late: LateFacts;
  /** Resolves when the records are stored. */
  readonly onRecords: (records: readonly TracedRecord[], superseded: readonly string[]) => Promise<void>;
}

/** Stores what was found in spans and log records. Writes of one trace run one after the other. */
export class FoundRecorder {
  readonly #parts: FoundRecorderParts;
  readonly #order = new StoreOrder();

  constructor(parts: FoundRecorderParts) {
    this.#parts = parts;
  }

  /** Resolves when everything is stored. If it rejects, the request can be repeated. */
  async record(found: FoundCalls, logs: readonly LogEvent[]): Promise<Recorded> {
    const { traces, late, onRecords } = this.#parts;
    const { records, ...counts } = toRecords(found);
    await this.#order.run(found.traceIds, () => onRecords(records, found.superseded));
    await late.take(lateFactsOf(found, logs, traces));
    found.onStored();
    return { ...counts, records: records.length };
  }
}

/** Returns what a request says about calls that are not here: another server may have them. */
function lateFactsOf(found: FoundCalls, logs: readonly LogEvent[], traces: TraceBuffer): NewFacts {
  const isUnknown = (span: SpanIds): boolean => !traces.knows(recordId(span));
  return {
    factTraces: found.factTraces,
    callTraces: found.callTraces,
    evaluations: found.evaluations.flatMap(({ id, recordId: known, span }) =>
      known === undefined && span && isUnknown(span) ? [id] : [],
    ),
    optedOut: logs.flatMap(({ span, event }) =>
      span && isOptOutEvent(event) && isUnknown(span) ? [recordId(span)] : [],
    ),
  };
}

function toRecords(found: FoundCalls): {
  readonly records: readonly TracedRecord[];
  readonly withoutContent: number;
  readonly withoutTarget: number;
} {
  const now = new Date().toISOString();
  const records: TracedRecord[] = [];
  let [withoutContent, withoutTarget] = [0, 0];
  for (const call of found.calls) {
    const record = toNewRecord(call, now);
    if (record) records.push({ record, partOf: call.partOf, isComplete: call.isComplete });
    else withoutContent += 1;
  }
  for (const evaluation of found.evaluations) {
    const record: NewRecord | undefined = toEvaluationRecord(evaluation, now);
    if (record) records.push({ record, partOf: [], isComplete: false });
    else withoutTarget += 1;
  }
  return { records, withoutContent, withoutTarget };
}
