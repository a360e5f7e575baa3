import { asText, type UnknownRecord } from '../../common/unknown-values.js';
import { recordId } from '../../common/record-id.js';
import { locateCalls } from '../../reading/calls/deduplicate-calls.js';
import type { SpanLike } from '../../reading/model/span-like.js';
import { isOptedOut } from '../../records/privacy/opt-out.js';
import { toNewRecord } from '../../server/ingest/otlp/to-new-record.js';
import type { NewRecord } from '../../server/model/stored-record.js';
import type { PlacedRecord } from '../formats/read-record.js';
import type { Place } from '../input/split-items.js';
import { toMs, type LangfuseItem } from './langfuse-item.js';
import { scoreEvent, type ScoreTarget } from './score-event.js';
import { observationSpan, traceSpan, TRACE_SPAN_ID } from './to-spans.js';

export interface PlacedItem extends LangfuseItem {
  readonly place: Place;
}

/** Environment of the traces that Langfuse writes when it evaluates others: `langfuse-llm-as-a-judge` and its like. */
const INTERNAL = /^langfuse-/;

/**
 * Reads everything that was exported of one trace: each LLM call is a record, each score an event on the record that it is about. Without an
 * LLM call, input and output of the trace are the record.
 */
export function readTrace(items: readonly PlacedItem[], now: Date): readonly PlacedRecord[] {
  const byId = latestById(items);
  const ofKind = (kind: LangfuseItem['kind']): PlacedItem[] => byId.filter((item) => item.kind === kind);
  const [trace] = ofKind('trace');
  const observations = ofKind('observation');
  if ([trace, ...observations].some((item) => INTERNAL.test(asText(item?.fields['environment']) ?? '')))
    return byId.map(({ place }) => ({ place, read: { reason: 'internal' } }));
  const sources = new Map<SpanLike, PlacedItem>();
  for (const item of observations) sources.set(observationSpan(item.fields, trace?.fields ?? {}), item);
  if (trace) sources.set(traceSpan(trace.fields, lastEnd(observations)), trace);
  const calls = readCalls(sources, now);
  return [...calls, ...readScores(ofKind('score'), { calls, sources, trace: trace?.fields, now })];
}

/** An item that was exported twice counts once: its latest state. */
function latestById(items: readonly PlacedItem[]): readonly PlacedItem[] {
  const latest = new Map<string, PlacedItem>();
  for (const item of items) {
    const key = `${item.kind} ${asText(item.fields['id']) ?? ''}`;
    const known = latest.get(key);
    if (!known || updatedMs(item) >= updatedMs(known)) latest.set(key, item);
  }
  return [...latest.values()];
}

function updatedMs({ fields }: PlacedItem): number {
  return toMs(fields['updatedAt']) ?? 0;
}

function lastEnd(observations: readonly PlacedItem[]): number | undefined {
  const ends = observations.flatMap(({ fields }) => toMs(fields['endTime']) ?? []);
  return ends.length === 0 ? undefined : Math.max(...ends);
}

function readCalls(sources: ReadonlyMap<SpanLike, PlacedItem>, now: Date): readonly PlacedRecord[] {
  const inTime = [...sources.keys()].sort((a, b) => timeOf(sources.get(a)) - timeOf(sources.get(b)));
  const located = locateCalls(inTime, { admits: (call) => !isOptedOut(call) });
  const read = new Set(located.flatMap(({ span, ancestors }) => [span, ...ancestors]));
  const calls = located.flatMap((call): PlacedRecord[] => {
    const source = sources.get(call.span);
    if (!source) return [];
    const receivedAt = receivedAtOf(source.fields, now);
    const record = toNewRecord(call, receivedAt);
    return [{ place: source.place, read: record ? asImported(record) : { reason: 'no_content' } }];
  });
  const others = [...sources].filter(([span, { kind }]) => kind === 'observation' && !read.has(span));
  return [...calls, ...others.map(([, { place }]) => ({ place, read: { reason: 'no_call' } as const }))];
}

function timeOf(item: PlacedItem | undefined): number {
  return toMs(item?.fields['startTime'] ?? item?.fields['timestamp']) ?? 0;
}

/** Returns when Langfuse had received it, which the page's exports do not say: then when it ended. */
function receivedAtOf(fields: UnknownRecord, now: Date): string {
  const { createdAt, endTime, startTime, timestamp } = fields;
  const ms = [createdAt, endTime, startTime, timestamp].map(toMs).find((time) => time !== undefined);
  return new Date(Math.min(ms ?? now.getTime(), now.getTime())).toISOString();
}

/** Removes what is not true of a record that did not come over OTLP: that later spans may change it, and the span of its trace. */
function asImported(record: NewRecord): NewRecord {
  const { origin: _origin, properties, ...rest } = record;
  const { parent_span_id: parent, ...others } = properties;
  return { ...rest, properties: parent === TRACE_SPAN_ID ? others : properties };
}

interface ScoredTrace {
  readonly calls: readonly PlacedRecord[];
  readonly sources: ReadonlyMap<SpanLike, PlacedItem>;
  readonly trace: UnknownRecord | undefined;
  readonly now: Date;
}

function readScores(scores: readonly PlacedItem[], scored: ScoredTrace): readonly PlacedRecord[] {
  const records = scored.calls.flatMap(({ read }) => ('reason' in read ? [] : [read]));
  const byId = new Map(records.map((record) => [record.id, record]));
  const parents = new Map(
    [...scored.sources.keys()].map((span) => [span.spanContext().spanId, span.parentSpanId]),
  );
  return scores.map(({ place, fields }) => {
    const record = scoredRecord(fields, byId, parents) ?? records.at(-1);
    const target: ScoreTarget = record
      ? { recordId: record.id, userId: record.userId, threadId: record.threadId }
      : {
          threadId: asText(fields['sessionId'] ?? scored.trace?.['sessionId']),
          userId: asText(scored.trace?.['userId']),
        };
    return { place, read: scoreEvent(fields, target, scored.now) ?? { reason: 'nothing_said' } };
  });
}

/** Returns the record of the scored observation, or of the call around it. Undefined: the score is about the trace as a whole. */
function scoredRecord(
  fields: UnknownRecord,
  records: ReadonlyMap<string, NewRecord>,
  parents: ReadonlyMap<string, string | undefined>,
): NewRecord | undefined {
  const traceId = asText(fields['traceId']) ?? '';
  let spanId = asText(fields['observationId']);
  // Each step removes an observation, so that a circle of parents ends.
  for (const left = new Map(parents); spanId !== undefined && spanId !== TRACE_SPAN_ID;) {
    const record = records.get(recordId({ traceId, spanId }));
    if (record) return record;
    const parent: string | undefined = left.get(spanId);
    left.delete(spanId);
    spanId = parent;
  }
  return undefined;
}
