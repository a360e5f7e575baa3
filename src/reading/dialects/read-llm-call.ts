import { getContent } from '../../common/content-channel.js';
import {
  ATTR_ERROR_TYPE,
  ATTR_EXCEPTION_MESSAGE,
  ATTR_EXCEPTION_TYPE,
  ATTR_SERVICE_NAME,
} from '../../common/semconv.js';
import { readString, type SpanAttributes } from '../model/attributes.js';
import { DIALECTS } from './dialect-list.js';
import { createRecogniser, type RecognisedSpan } from './recognise.js';
import type { DialectReading, SpanRole, SpanView } from '../model/dialect.js';
import { COST_GROUPS, type CostGroups } from '../fields/cost.js';
import { fieldTable, readFields } from '../fields/fields.js';
import { inSeconds } from '../fields/first-token.js';
import { IDENTITY_GROUPS, toIdentity, type IdentityGroups } from '../fields/identity.js';
import type { LlmCall, OutputMessage } from '../model/llm-call.js';
import { parentSpanIdOf, scopeNameOf, type HrTime, type SpanLike } from '../model/span-like.js';
import { withoutFrameworkMessages } from '../content/messages/framework-messages.js';
import { readTags, TAG_GROUPS, type TagGroups } from '../fields/tags.js';
import {
  environmentOf,
  promptInMetadata,
  serviceVersionOf,
  VERSION_GROUPS,
  type VersionGroups,
} from '../fields/versions.js';

/** Status code of a failed span, the same in all majors of the SDK. */
const STATUS_ERROR = 2;

/** Status message of Azure's SDK in place of the error's message. */
const NO_MESSAGE = '[object Object]';

const recognise = createRecogniser(DIALECTS);

/**
 * Reads the LLM call that a span describes, in whatever dialect. Returns `undefined` if the span is not an LLM call or cannot be read.
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

/**
 * Like {@link readLlmCall}, for a span that {@link recogniseSpan} has recognised before. `span` may be a copy of the recognised span
 * with more events.
 */
export function readRecognisedCall(
  span: SpanLike,
  recognised: RecognisedSpan | undefined,
  ancestors: readonly SpanLike[],
): LlmCall | undefined {
  try {
    const sane = withoutMalformedEvents(span);
    return readRecognised(sane, Object.keys(sane.attributes), recognised, ancestors);
  } catch {
    return undefined;
  }
}

/**
 * Reads an agent span as if it were one LLM call. Question or answer may be missing. Returns `undefined` if the span is no agent span,
 * if its library writes a span for every LLM call, or if it cannot be read.
 */
export function readAgentSpan(
  span: SpanLike,
  { dialect, role }: RecognisedSpan,
  ancestors: readonly SpanLike[],
): LlmCall | undefined {
  if (role !== 'agent' || dialect.hasSpanForEveryCall) return undefined;
  try {
    const sane = withoutMalformedEvents(span);
    const view = viewOf(sane, Object.keys(sane.attributes));
    return complete(view, dialect.name, { ...dialect.read(view), operation: 'invoke_agent' }, ancestors);
  } catch {
    return undefined;
  }
}

/** Like {@link readLlmCall}, but throws if the span cannot be read, so that the caller can count it. */
export function readSpan(span: SpanLike, ancestors: readonly SpanLike[] = []): LlmCall | undefined {
  const sane = withoutMalformedEvents(span);
  const names = Object.keys(sane.attributes);
  return readRecognised(sane, names, recognise(sane, names), ancestors);
}

/**
 * Returns the dialect of a span and the span's role in it, or `undefined` if no dialect claims the span. Takes well under a microsecond
 * for a span of another library (test/bench/reading.mjs).
 */
export function recogniseSpan(span: SpanLike): RecognisedSpan | undefined {
  return recognise(withoutMalformedEvents(span));
}

/** Returns whether a span is an LLM call, a call boundary or neither. Costs as much as {@link recogniseSpan}. */
export function roleOf(span: SpanLike): SpanRole {
  return recogniseSpan(span)?.role ?? 'other';
}

function readRecognised(
  span: SpanLike,
  names: readonly string[],
  recognised: RecognisedSpan | undefined,
  ancestors: readonly SpanLike[],
): LlmCall | undefined {
  if (recognised?.role !== 'llm') return undefined;
  const { dialect } = recognised;
  const view = viewOf(span, names);
  const own = dialect.read(view);
  const above = ancestors.length > 0 ? dialect.readAbove?.(own, ancestors) : undefined;
  return complete(view, dialect.name, above ? { ...own, ...above } : own, ancestors);
}

/** Drops events without a name, so that one of them does not make the whole span unreadable. */
function withoutMalformedEvents(span: SpanLike): SpanLike {
  const { events } = span;
  if (!events || events.every((event) => typeof event?.name === 'string')) return span;
  const wellFormed = events.filter((event) => typeof event?.name === 'string');
  return Object.create(span, { events: { value: wellFormed } }) as SpanLike;
}

/** Adds the content that our handler passed through the side channel (common/content-channel.ts) to the attributes of the span. */
function viewOf(span: SpanLike, names: readonly string[]): SpanView {
  const sideChannel = getContent(span);
  if (!sideChannel) return { span, attributes: span.attributes, names };
  const attributes = { ...span.attributes, ...sideChannel };
  return { span, attributes, names: Object.keys(attributes) };
}

/** Returns the tags of the nearest span above that has any: Mastra and Laminar write tags on the root span only. */
function tagsAbove(ancestors: readonly SpanLike[]): readonly string[] {
  for (const { attributes } of ancestors) {
    const tags = readTags(attributes);
    if (tags.length > 0) return tags;
  }
  return [];
}

/** Fields that are read in the same way for all dialects. */
const COMMON = fieldTable<IdentityGroups & TagGroups & CostGroups & VersionGroups>({
  ...IDENTITY_GROUPS,
  ...TAG_GROUPS,
  ...COST_GROUPS,
  ...VERSION_GROUPS,
});

function complete(
  view: SpanView,
  dialect: string,
  reading: DialectReading,
  ancestors: readonly SpanLike[],
): LlmCall {
  const { span, attributes } = view;
  const { traceId, spanId } = span.spanContext();
  const resource = span.resource?.attributes ?? {};
  const common = readFields(view, COMMON, {
    identity: {},
    metadata: {},
    labels: {},
    money: {},
    versions: {},
  });
  const { cost, serviceTier } = common.money;
  const { userId, threadId } = toIdentity(common, attributes);
  const call: Writable<LlmCall> = {
    dialect,
    operation: reading.operation,
    traceId,
    spanId,
    startTimeMs: reading.startTimeMs ?? toMs(span.startTime),
    endTimeMs: toMs(span.endTime),
    systemInstructions: reading.systemInstructions ?? [],
    inputMessages: withoutFrameworkMessages(reading.inputMessages ?? []),
    outputMessages: reading.outputMessages ?? [],
    parameters: reading.parameters ?? {},
    usage: reading.usage ?? {},
    finishReasons: withToolCallReason(reading.finishReasons ?? [], reading.outputMessages),
    tags: common.labels.tags ?? tagsAbove(ancestors),
    metadata: reading.metadata ?? {},
    truncated: reading.truncated === true || hasDropped(span),
    inputTruncated: reading.inputTruncated === true,
  };
  const parentSpanId = parentSpanIdOf(span);
  const scope = scopeNameOf(span);
  const serviceName = readString(resource, ATTR_SERVICE_NAME);
  const inMetadata = promptInMetadata(call.metadata);
  call.metadata = inMetadata.metadata;
  const serviceVersion = serviceVersionOf(resource) ?? common.versions.serviceVersion;
  const environment = environmentOf(resource) ?? common.versions.environment;
  const promptName = common.versions.promptName ?? inMetadata.promptName;
  const promptVersion = common.versions.promptVersion ?? inMetadata.promptVersion;
  const error = errorOf(span, attributes) ?? reading.error ?? readFailedAnswer(call);
  // Each member by its name: V8 turns an object that grows by computed names into a slow dictionary (test/bench/reading.mjs).
  if (parentSpanId) call.parentSpanId = parentSpanId;
  if (scope !== '') call.scope = scope;
  if (reading.provider !== undefined) call.provider = reading.provider;
  if (reading.requestModel !== undefined) call.requestModel = reading.requestModel;
  if (reading.responseModel !== undefined) call.responseModel = reading.responseModel;
  if (reading.responseId !== undefined) call.responseId = reading.responseId;
  if (reading.streaming !== undefined) call.streaming = reading.streaming;
  if (reading.timeToFirstToken !== undefined)
    call.timeToFirstToken = inSeconds(reading.timeToFirstToken, (call.endTimeMs - call.startTimeMs) / 1e3);
  if (reading.promptTemplate !== undefined) call.promptTemplate = reading.promptTemplate;
  if (promptName !== undefined) call.promptName = promptName;
  if (promptVersion !== undefined) call.promptVersion = promptVersion;
  if (reading.runId !== undefined) call.runId = reading.runId;
  if (reading.cached !== undefined) call.cached = reading.cached;
  if (reading.aborted !== undefined) call.aborted = reading.aborted;
  if (cost !== undefined) call.cost = cost;
  if (serviceTier !== undefined) call.serviceTier = serviceTier;
  if (serviceName !== undefined) call.serviceName = serviceName;
  if (serviceVersion !== undefined) call.serviceVersion = serviceVersion;
  if (environment !== undefined) call.environment = environment;
  if (userId !== undefined) call.userId = userId;
  if (threadId !== undefined) call.threadId = threadId;
  if (error !== undefined) call.error = error;
  if (reading.isFrame === true) call.isFrame = true;
  return call;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/**
 * Returns the error of a failed call: one with status ERROR, with `error.type`, or with an exception event. LangSmith writes the event
 * together with status OK. Other signs of a failure are read by the dialects.
 */
export function errorOf(span: SpanLike, attributes: SpanAttributes = span.attributes): LlmCall['error'] {
  const event = span.events?.find(({ name }) => name === 'exception');
  const exception = event?.attributes ?? {};
  const type = readString(attributes, ATTR_ERROR_TYPE) ?? readString(exception, ATTR_EXCEPTION_TYPE);
  const failed = span.status?.code === STATUS_ERROR || type !== undefined || event !== undefined;
  if (!failed) return undefined;
  const messages = [readString(exception, ATTR_EXCEPTION_MESSAGE), span.status?.message];
  const message = messages.find((text) => text && text !== NO_MESSAGE);
  return { type: type ?? '_OTHER', ...(message !== undefined && { message }) };
}

/**
 * Returns finish reasons in which an answer of tool calls alone ended with `tool_call`. The Responses API says `completed` of it, Gemini
 * and others `stop`.
 */
function withToolCallReason(
  reasons: readonly string[],
  output: readonly OutputMessage[] | undefined,
): readonly string[] {
  if (output === undefined || !reasons.includes('stop')) return reasons;
  if (!output.some((message) => isToolCallsOnly(message))) return reasons;
  return reasons.map((reason, index) =>
    reason === 'stop' && isToolCallsOnly(output[index]) ? 'tool_call' : reason,
  );
}

function isToolCallsOnly(message: OutputMessage | undefined): boolean {
  let hasCall = false;
  for (const { type } of message?.parts ?? []) {
    if (type === 'text') return false;
    hasCall ||= type === 'tool_call';
  }
  return hasCall;
}

/** Returns the error of a call that ended with the reason `error` and has no answer. Mastra sets no other sign of a failure. */
function readFailedAnswer({ finishReasons, outputMessages }: LlmCall): LlmCall['error'] {
  if (finishReasons[0] !== 'error') return undefined;
  return outputMessages.some(({ parts }) => parts.length > 0) ? undefined : { type: '_OTHER' };
}

/** Returns whether the SDK dropped attributes or events because of a limit on their number. */
function hasDropped(span: SpanLike): boolean {
  return (span.droppedAttributesCount ?? 0) > 0 || (span.droppedEventsCount ?? 0) > 0;
}

function toMs(time: HrTime): number {
  return time[0] * 1e3 + time[1] / 1e6;
}
