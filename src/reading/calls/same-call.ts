import { fnv1a } from '../../common/fnv1a.js';
import { isRecord } from '../../common/unknown-values.js';
import type { LlmCall, MessagePart } from '../model/llm-call.js';

/** The values by which two spans of one call are recognised. Small: it is kept after the call itself is gone. */
export interface CallFingerprint {
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  /** Libraries whose spans describe the call. A library describes a call once. */
  readonly scopes: readonly string[];
  readonly startTimeMs: number;
  readonly endTimeMs: number;
  readonly responseId: string | undefined;
  readonly models: readonly string[];
  /** True for a run of LangChain that our handler has traced. */
  readonly isRun: boolean;
  /** True for an agent, whose span may not name a model. */
  readonly isAgent: boolean;
  /** Hash of the last user message. `undefined` if there is none, or if it may be cut off. */
  readonly question: string | undefined;
  readonly hasFailed: boolean;
  /** Hash of the answer's text. Empty without text. */
  readonly text: string;
  /** Ids of the tool calls. Empty if a tool call has none. */
  readonly toolCallIds: string;
  /** Hash of names and arguments of the tool calls. Empty without tool calls. */
  readonly toolCalls: string;
}

/** Characters that are hashed at each end of a text. Together with the length they tell texts apart at a constant cost. */
const END_LENGTH = 128;

/** End of a model's name that names a version of the model. */
const VERSION = /^(?:$|[-@:](?:v?\d|latest|preview|exp))/;

/** Returns the fingerprint of a call. */
export function fingerprintOf(call: LlmCall): CallFingerprint {
  const parts = call.outputMessages[0]?.parts ?? [];
  const tools = parts.filter((part) => part.type === 'tool_call');
  return {
    spanId: call.spanId,
    parentSpanId: call.parentSpanId,
    scopes: call.scope === undefined ? [] : [call.scope],
    startTimeMs: call.startTimeMs,
    endTimeMs: call.endTimeMs,
    responseId: call.responseId,
    models: [call.requestModel, call.responseModel].filter((model) => model !== undefined),
    isRun: call.runId !== undefined,
    isAgent: call.operation === 'invoke_agent',
    question: questionOf(call),
    hasFailed: call.error !== undefined,
    text: hashOf(textOf(parts)),
    toolCallIds: tools.every(({ id }) => id !== undefined) ? tools.map(({ id }) => id).join(' ') : '',
    toolCalls: tools.map(({ name, arguments: args }) => `${name}(${hashOf(canonicalJson(args))})`).join(' '),
  };
}

/**
 * Returns whether two spans are of one call: one is the parent of the other, or two libraries traced the call side by side.
 *
 * Side by side, the libraries must differ and the times overlap. If both have a response id, equal ids decide. Otherwise model and
 * question must be equal, and the answer, or both failed. One span must enclose the other, or both overlap for most of their time, as
 * those of two listeners of one emitter do. The last rule is a guess: it merges two identical calls that are made at the same time
 * through two libraries. Two calls of which each library traced both stay two, because a library describes a call once.
 */
export function isSameCall(a: CallFingerprint, b: CallFingerprint): boolean {
  // A library may write an agent and the call below it, and the spans between them may not be known yet.
  if (a.isAgent === b.isAgent) {
    if (a.spanId === b.parentSpanId || b.spanId === a.parentSpanId) return !isOtherCall(a, b);
    if (a.scopes.length === 0 || b.scopes.length === 0) return false;
    if (a.scopes.some((scope) => b.scopes.includes(scope))) return false;
  }
  const overlapMs = Math.min(a.endTimeMs, b.endTimeMs) - Math.max(a.startTimeMs, b.startTimeMs);
  if (overlapMs < 0) return false;
  if (a.responseId !== undefined && b.responseId !== undefined) return a.responseId === b.responseId;
  if (a.question !== b.question && a.question !== undefined && b.question !== undefined) return false;
  if (!haveSameModel(a, b) || !haveSameOutcome(a, b)) return false;
  const shorterMs = Math.min(a.endTimeMs - a.startTimeMs, b.endTimeMs - b.startTimeMs);
  return overlapMs >= shorterMs / 2;
}

/**
 * Returns whether two nested spans are two calls: runs of LangChain whose questions and answers are known and differ. A run that is
 * started by hand lies below the run that was started before it. In other libraries, a span around a call may write another question
 * (a template) and another answer (a parsed one), and is the same call.
 */
export function isOtherCall(a: CallFingerprint, b: CallFingerprint): boolean {
  if (!a.isRun || !b.isRun) return false;
  if (a.question === undefined || b.question === undefined || a.question === b.question) return false;
  return isSettled(a) && isSettled(b) && !haveSameOutcome(a, b);
}

function isSettled(call: CallFingerprint): boolean {
  return call.hasFailed || hasAnswer(call);
}

/**
 * Returns keys for an index of calls: two spans of different libraries that are of one call have at least one in common. A call without
 * a scope has none.
 */
export function matchKeysOf(call: CallFingerprint): readonly string[] {
  if (call.scopes.length === 0) return [];
  return [
    ...(call.responseId === undefined ? [] : [`id ${call.responseId}`]),
    ...(call.text === '' ? [] : [`text ${call.text}`]),
    ...(call.toolCalls === '' ? [] : [`tools ${call.toolCalls}`]),
    ...(call.toolCallIds === '' ? [] : [`tool ids ${call.toolCallIds}`]),
    ...(call.hasFailed || !hasAnswer(call) ? [`failed ${call.question}`] : []),
  ];
}

/** Returns the fingerprint of a call that both spans describe. `primary` is that of the merged call. */
export function mergeFingerprints(primary: CallFingerprint, other: CallFingerprint): CallFingerprint {
  return { ...primary, scopes: [...new Set([...primary.scopes, ...other.scopes])] };
}

/** Returns whether `a` is the primary span: the enclosing one. A framework's span encloses the provider SDK's. */
export function isPrimary(a: LlmCall, b: LlmCall): boolean {
  return a.startTimeMs < b.startTimeMs || (a.startTimeMs === b.startTimeMs && a.endTimeMs >= b.endTimeMs);
}

/** Returns whether two names stand for one model: `gpt-4.1`, `openai/gpt-4.1` and `gpt-4.1-2025-04-14`. */
function haveSameModel(a: CallFingerprint, b: CallFingerprint): boolean {
  if ((a.isAgent && a.models.length === 0) || (b.isAgent && b.models.length === 0)) return true;
  const others = b.models.map(familyOf);
  return a.models
    .map(familyOf)
    .some((model) => others.some((other) => isVersionOf(model, other) || isVersionOf(other, model)));
}

function isVersionOf(version: string, model: string): boolean {
  return version.startsWith(model) && VERSION.test(version.slice(model.length));
}

function haveSameOutcome(a: CallFingerprint, b: CallFingerprint): boolean {
  // Libraries name errors differently, and some leave the span of a failed call without any sign but the missing answer.
  if (a.hasFailed || b.hasFailed)
    return (a.hasFailed || !hasAnswer(a)) && (b.hasFailed || !hasAnswer(b)) && a.question === b.question;
  if (a.toolCalls !== '' && b.toolCalls !== '')
    return a.toolCallIds !== '' && b.toolCallIds !== ''
      ? a.toolCallIds === b.toolCallIds
      : a.toolCalls === b.toolCalls;
  return a.text !== '' && a.text === b.text;
}

function hasAnswer({ text, toolCalls }: CallFingerprint): boolean {
  return text !== '' || toolCalls !== '';
}

/** Returns the name of a model without what stands before it: `openai/`, `us.anthropic.`. */
function familyOf(model: string): string {
  return model
    .slice(model.lastIndexOf('/') + 1)
    .toLowerCase()
    .replace(/^(?:[a-z-]+\.)+(?=[a-z])/, '');
}

function questionOf({ inputMessages, inputTruncated }: LlmCall): string | undefined {
  if (inputTruncated === true) return undefined;
  for (const { role, parts } of inputMessages.toReversed()) {
    const text = role === 'user' ? textOf(parts) : '';
    if (text !== '') return hashOf(text);
  }
  return undefined;
}

function textOf(parts: readonly MessagePart[]): string {
  let text = '';
  for (const part of parts) if (part.type === 'text') text += part.text;
  return text.trim();
}

/** Returns length and hash of a text: of its first and last {@link END_LENGTH} characters if it is longer. Empty for no text. */
function hashOf(text: string): string {
  if (text === '') return '';
  const { length } = text;
  const hash =
    length > 2 * END_LENGTH
      ? fnv1a(text, length - END_LENGTH, length, fnv1a(text, 0, END_LENGTH))
      : fnv1a(text);
  return `${length}:${hash}`;
}

/** Returns the JSON of a value with sorted names. Libraries write the arguments of a tool in any order. */
function canonicalJson(value: unknown): string {
  if (value === undefined || value === '') return '{}';
  try {
    return JSON.stringify(value, withSortedNames) ?? '';
  } catch {
    return '';
  }
}

function withSortedNames(_name: string, member: unknown): unknown {
  if (!isRecord(member)) return member;
  return Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)));
}
