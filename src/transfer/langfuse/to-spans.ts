import { asStrings, asText, isRecord, type UnknownRecord } from '../../common/unknown-values.js';
import type { HrTime, SpanLike } from '../../reading/model/span-like.js';
import { asObject, toMs } from './langfuse-item.js';

/** Id of the span that stands for a trace. No observation has it: ids of Langfuse are UUIDs or hexadecimal. */
export const TRACE_SPAN_ID = 'trace';

/** Metadata that Langfuse adds to what it received over OTLP. */
const OTEL_METADATA = new Set(['attributes', 'resourceAttributes', 'scope']);

/**
 * Makes the span that the SDK of Langfuse would have exported for an observation, so that the dialect `langfuse` reads both.
 *
 * `trace` is the trace of the observation, if it was exported.
 */
export function observationSpan(fields: UnknownRecord, trace: UnknownRecord): SpanLike {
  const traceId = asText(fields['traceId']) ?? '';
  const start = toMs(fields['startTime']);
  return makeSpan({
    name: asText(fields['name']) ?? '',
    traceId,
    spanId: asText(fields['id']) ?? '',
    parentSpanId: asText(fields['parentObservationId']) ?? TRACE_SPAN_ID,
    start,
    end: toMs(fields['endTime']),
    metadata: asObject(fields['metadata']),
    environment: fields['environment'] ?? trace['environment'],
    attributes: {
      ...traceAttributes({ ...trace, ...ownTraceFields(fields) }),
      'langfuse.observation.type': asText(fields['type'])?.toLowerCase(),
      'langfuse.observation.input': toText(fields['input']),
      'langfuse.observation.output': toText(fields['output']),
      'langfuse.observation.model.name': asText(fields['model']),
      'langfuse.observation.model.parameters': toText(emptyAsUndefined(asObject(fields['modelParameters']))),
      'langfuse.observation.usage_details': toText(usageOf(fields)),
      'langfuse.observation.completion_start_time': completionStart(fields),
      'langfuse.observation.level': asText(fields['level']),
      'langfuse.observation.status_message': asText(fields['statusMessage']),
      'langfuse.observation.prompt.name': asText(fields['promptName']),
      'langfuse.observation.prompt.version': fields['promptVersion'],
      ...withPrefix('langfuse.observation.metadata.', asObject(fields['metadata'])),
    },
  });
}

/** Makes a span for a trace: the call, if no LLM call of the trace was exported. */
export function traceSpan(fields: UnknownRecord, end: number | undefined): SpanLike {
  const start = toMs(fields['timestamp']);
  const traceId = asText(fields['id']) ?? '';
  return makeSpan({
    name: asText(fields['name']) ?? '',
    traceId,
    spanId: TRACE_SPAN_ID,
    parentSpanId: undefined,
    start,
    end,
    metadata: asObject(fields['metadata']),
    environment: fields['environment'],
    attributes: {
      ...traceAttributes(fields),
      'langfuse.observation.type': 'agent',
      'langfuse.observation.input': toText(fields['input']),
      'langfuse.observation.output': toText(fields['output']),
    },
  });
}

/** Facts about the trace in the row of an observation, as the page's exports have them. */
function ownTraceFields(fields: UnknownRecord): UnknownRecord {
  return defined({
    userId: asText(fields['userId']),
    sessionId: asText(fields['sessionId']),
    tags: firstWithTags(fields['traceTags'], fields['tags']),
  });
}

function firstWithTags(...lists: readonly unknown[]): unknown {
  return lists.find((list) => asStrings(list).length > 0);
}

function traceAttributes(trace: UnknownRecord): UnknownRecord {
  return {
    'user.id': asText(trace['userId']),
    'session.id': asText(trace['sessionId']),
    'langfuse.trace.tags': asStrings(trace['tags']),
    ...withPrefix('langfuse.trace.metadata.', asObject(trace['metadata'])),
    'langfuse.trace.metadata.release': asText(trace['release']),
    'langfuse.release': asText(trace['release']),
  };
}

function withPrefix(prefix: string, metadata: UnknownRecord): UnknownRecord {
  const own = Object.entries(metadata).filter(
    ([name, value]) => !(OTEL_METADATA.has(name) && isStructured(value)),
  );
  return Object.fromEntries(own.map(([name, value]) => [prefix + name, scalarOrText(value)]));
}

/** Attributes of a span are scalars and lists of them. */
function scalarOrText(value: unknown): unknown {
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : (value ?? undefined);
}

function isStructured(value: unknown): boolean {
  return isRecord(value) || (typeof value === 'string' && value.startsWith('{'));
}

/** Returns the counts by kind; those of old versions are in members of their own. */
function usageOf(fields: UnknownRecord): UnknownRecord | undefined {
  const details = emptyAsUndefined(asObject(fields['usageDetails']));
  if (details) return details;
  const { promptTokens: input, completionTokens: output, totalTokens: total } = fields;
  const older = asObject(fields['usage']);
  return emptyAsUndefined(
    positive({
      input: input ?? older['input'],
      output: output ?? older['output'],
      total: total ?? older['total'],
    }),
  );
}

/** Old versions write 0 for a count that is not known. */
function positive(counts: UnknownRecord): UnknownRecord {
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => Number(count) > 0));
}

function completionStart(fields: UnknownRecord): string | undefined {
  const ms = toMs(fields['completionStartTime']);
  return ms === undefined ? undefined : new Date(ms).toISOString();
}

function emptyAsUndefined(value: UnknownRecord): UnknownRecord | undefined {
  return Object.keys(value).length === 0 ? undefined : value;
}

function toText(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  return typeof value === 'string' ? value : JSON.stringify(value);
}

interface SpanParts {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  readonly start: number | undefined;
  readonly end: number | undefined;
  readonly metadata: UnknownRecord;
  readonly environment: unknown;
  readonly attributes: UnknownRecord;
}

function makeSpan({ name, traceId, spanId, parentSpanId, start, end, ...parts }: SpanParts): SpanLike {
  const context = { traceId, spanId, traceFlags: 1 };
  const environment = asText(parts.environment);
  return {
    name,
    spanContext: () => context,
    parentSpanId,
    // As a span that lacks a time: it is dated by the other, and has no latency.
    startTime: end === undefined ? [Number.NaN, 0] : toHrTime(start ?? end),
    endTime: toHrTime(end ?? start ?? 0),
    ended: true,
    attributes: defined(parts.attributes),
    events: [],
    resource: {
      attributes: defined({
        ...asObject(parts.metadata['resourceAttributes']),
        // Langfuse writes "default" for those that set none.
        'deployment.environment.name': environment === 'default' ? undefined : environment,
      }),
    },
    instrumentationScope: { name: 'langfuse-export' },
  };
}

function toHrTime(ms: number): HrTime {
  return [Math.floor(ms / 1000), (ms % 1000) * 1e6];
}

function defined(record: UnknownRecord): UnknownRecord {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined));
}
