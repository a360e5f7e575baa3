import { getContent } from '../../common/content-channel.js';
import {
  ATTR_DEPLOYMENT_ENVIRONMENT,
  ATTR_DEPLOYMENT_ENVIRONMENT_NAME,
  ATTR_ERROR_TYPE,
  ATTR_EXCEPTION_MESSAGE,
  ATTR_EXCEPTION_TYPE,
  ATTR_SERVICE_NAME,
} from '../../common/semconv.js';
import { readString, type SpanAttributes } from '../model/attributes.js';
import { recognise } from './all.js';
import type { DialectReading, SpanRole, SpanView } from '../model/dialect.js';
import { fieldTable, readFields } from '../fields/fields.js';
import { IDENTITY_GROUPS, toIdentity, type IdentityGroups } from '../fields/identity.js';
import type { LlmCall } from '../model/llm-call.js';
import { scopeNameOf } from '../model/scope-name.js';
import { parentSpanIdOf, type HrTime, type SpanLike } from '../model/span-like.js';
import { readTags, TAG_GROUPS, type TagGroups } from '../fields/tags.js';

/** Status code of a failed span, the same in all majors of the SDK. */
const STATUS_ERROR = 2;

/** What Azure writes into the status in place of an error. */
const NO_MESSAGE = '[object Object]';

/**
 * What one LLM span says, whoever wrote it. `undefined`: the span is not an LLM call, or is too broken to be read.
 *
 * `ancestors` are the spans above it, nearest first. Some libraries write parts of a call only there: Mastra the question,
 * VoltAgent the answer, several the tags.
 *
 * Pure and safe: it never throws and never changes a span.
 */
export function readLlmCall(span: SpanLike, ancestors: readonly SpanLike[] = []): LlmCall | undefined {
  try {
    return readSpan(span, ancestors);
  } catch {
    return undefined;
  }
}

/** What a span is: an LLM call, a barrier between calls, or neither. Costs well under a microsecond for a foreign span. */
export function roleOf(span: SpanLike): SpanRole {
  return recognise(withWholeEvents(span))?.role ?? 'other';
}

/** Like {@link readLlmCall}, but lets a span that cannot be read throw, so that the caller can count it. */
export function readSpan(written: SpanLike, ancestors: readonly SpanLike[] = []): LlmCall | undefined {
  const span = withWholeEvents(written);
  const names = Object.keys(span.attributes);
  const recognised = recognise(span, names);
  if (recognised?.role !== 'llm') return undefined;
  const { dialect } = recognised;
  const view = viewOf(span, names);
  const own = dialect.read(view);
  const above = ancestors.length > 0 ? dialect.readAbove?.(own, ancestors) : undefined;
  return complete(view, dialect.name, above ? { ...own, ...above } : own, ancestors);
}

/** A span without what is no event among its events: one of them must not cost the call. */
function withWholeEvents(span: SpanLike): SpanLike {
  const { events } = span;
  if (!events || events.every((event) => typeof event?.name === 'string')) return span;
  const whole = events.filter((event) => typeof event?.name === 'string');
  return Object.create(span, { events: { value: whole } }) as SpanLike;
}

/** A span with the content that travelled beside it. */
function viewOf(span: SpanLike, names: readonly string[]): SpanView {
  const beside = getContent(span);
  if (!beside) return { span, attributes: span.attributes, names };
  const attributes = { ...span.attributes, ...beside };
  return { span, attributes, names: Object.keys(attributes) };
}

/** Labels of the nearest span above that has any: Mastra and Laminar label the root alone. */
function tagsAbove(ancestors: readonly SpanLike[]): readonly string[] {
  for (const { attributes } of ancestors) {
    const tags = readTags(attributes);
    if (tags.length > 0) return tags;
  }
  return [];
}

/** What is the same in all dialects. */
const COMMON = fieldTable<IdentityGroups & TagGroups>({ ...IDENTITY_GROUPS, ...TAG_GROUPS });

function complete(
  view: SpanView,
  dialect: string,
  reading: DialectReading,
  ancestors: readonly SpanLike[],
): LlmCall {
  const { span, attributes } = view;
  const { traceId, spanId } = span.spanContext();
  const resource = span.resource?.attributes ?? {};
  const common = readFields(view, COMMON, { identity: {}, beside: {}, labels: {} });
  const { userId, threadId } = toIdentity(common);
  const call: Writable<LlmCall> = {
    dialect,
    operation: reading.operation,
    traceId,
    spanId,
    startTimeMs: reading.startTimeMs ?? toMs(span.startTime),
    endTimeMs: toMs(span.endTime),
    systemInstructions: reading.systemInstructions ?? [],
    inputMessages: reading.inputMessages ?? [],
    outputMessages: reading.outputMessages ?? [],
    parameters: reading.parameters ?? {},
    usage: reading.usage ?? {},
    finishReasons: reading.finishReasons ?? [],
    tags: common.labels.tags ?? tagsAbove(ancestors),
    metadata: reading.metadata ?? {},
    truncated: reading.truncated === true || hasDropped(span),
    inputTruncated: reading.inputTruncated === true,
  };
  const parentSpanId = parentSpanIdOf(span);
  const serviceName = readString(resource, ATTR_SERVICE_NAME);
  const environment = readString(resource, ATTR_DEPLOYMENT_ENVIRONMENT_NAME, ATTR_DEPLOYMENT_ENVIRONMENT);
  const error = readError(span, attributes) ?? reading.error;
  // One by one and by name: V8 turns an object that grows by computed names into a dictionary, slow to make and to write.
  if (parentSpanId) call.parentSpanId = parentSpanId;
  if (scopeNameOf(span) !== '') call.scope = scopeNameOf(span);
  if (reading.provider !== undefined) call.provider = reading.provider;
  if (reading.requestModel !== undefined) call.requestModel = reading.requestModel;
  if (reading.responseModel !== undefined) call.responseModel = reading.responseModel;
  if (reading.responseId !== undefined) call.responseId = reading.responseId;
  if (reading.streaming !== undefined) call.streaming = reading.streaming;
  if (reading.timeToFirstToken !== undefined) call.timeToFirstToken = reading.timeToFirstToken;
  if (reading.promptTemplate !== undefined) call.promptTemplate = reading.promptTemplate;
  if (serviceName !== undefined) call.serviceName = serviceName;
  if (environment !== undefined) call.environment = environment;
  if (userId !== undefined) call.userId = userId;
  if (threadId !== undefined) call.threadId = threadId;
  if (error !== undefined) call.error = error;
  return call;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/**
 * A call failed when its status or `error.type` says so. An exception event alone counts too: LangSmith sets OK beside it. What
 * else tells of a failure is for the dialects to know.
 */
function readError(span: SpanLike, attributes: SpanAttributes): LlmCall['error'] {
  const event = span.events?.find(({ name }) => name === 'exception');
  const exception = event?.attributes ?? {};
  const type = readString(attributes, ATTR_ERROR_TYPE) ?? readString(exception, ATTR_EXCEPTION_TYPE);
  const failed = span.status?.code === STATUS_ERROR || type !== undefined || event !== undefined;
  if (!failed) return undefined;
  const messages = [readString(exception, ATTR_EXCEPTION_MESSAGE), span.status?.message];
  const message = messages.find((text) => text && text !== NO_MESSAGE);
  return { type: type ?? '_OTHER', ...(message !== undefined && { message }) };
}

/** Whether the SDK left something out because of a limit on the number of attributes or events. */
function hasDropped(span: SpanLike): boolean {
  return (span.droppedAttributesCount ?? 0) > 0 || (span.droppedEventsCount ?? 0) > 0;
}

function toMs(time: HrTime): number {
  return time[0] * 1e3 + time[1] / 1e6;
}
