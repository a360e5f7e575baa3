import type { LlmCall } from '../../reading/model/llm-call.js';
import { cutText } from '../text/cut-text.js';
import type { ResolvedIdentity } from '../model/identity.js';
import { addOwn, propertiesOf, type Properties } from './properties.js';
import type { PromptRecord, TrackedEvent } from '../model/prompt-record.js';
import { generationOf, promptOf } from './text.js';
import { toTimestamp } from '../text/timestamp.js';
import { wellFormed } from '../text/well-formed.js';
import { recordId } from '../../common/record-id.js';

/** How records are written. */
export interface RecordSettings {
  /** Characters of prompt and generation that are kept. */
  readonly maxTextLength: number;
  /** Whether the property `system_prompt` is written. */
  readonly systemPrompt: boolean;
  /** Put before the call's own tags. */
  readonly tags: readonly string[];
  /** Added to every record; the call's own metadata wins. */
  readonly properties: Readonly<Record<string, unknown>>;
}

/** Name of the event that a failed call becomes. */
export const LLM_ERROR_EVENT = 'LLM error';

/** The record of one call. Pure. */
export function toPromptRecord(
  call: LlmCall,
  identity: ResolvedIdentity,
  settings: RecordSettings,
  contextIdentity: {
    readonly tags?: readonly string[];
    readonly properties?: Readonly<Record<string, unknown>>;
  } = {},
): PromptRecord {
  const prompt = promptOf(call);
  const generation = generationOf(call);
  const cut = prompt.length > settings.maxTextLength || generation.length > settings.maxTextLength;
  const properties = propertiesOf(call, settings.systemPrompt, call.truncated || cut);
  addOwn(properties, settings.properties, contextIdentity.properties, call.metadata);
  const { userId, threadId } = identity;
  return {
    id: recordId(call),
    userId: wellFormed(userId),
    ...(threadId === undefined ? NOTHING : { threadId: wellFormed(threadId) }),
    prompt: cutText(prompt, settings.maxTextLength),
    generation: cutText(generation, settings.maxTextLength),
    assistantId: wellFormed(call.responseModel ?? call.requestModel ?? 'unknown'),
    timestamp: toTimestamp(call.endTimeMs),
    latency: Math.max(0, Math.round((call.endTimeMs - call.startTimeMs) * 1e3) / 1e6),
    tags: joinTags(settings.tags, contextIdentity.tags, call.tags),
    properties,
  };
}

const NOTHING = {};
const NO_TAGS: readonly string[] = [];

/** All tags in order, each once. */
function joinTags(...lists: readonly (readonly string[] | undefined)[]): readonly string[] {
  if (lists.every((list) => list === undefined || list.length === 0)) return NO_TAGS;
  return [...new Set(lists.flatMap((list) => list ?? NO_TAGS))].map((tag) => wellFormed(tag));
}

/** Name of the event that a call of a turn becomes. */
export const LLM_CALL_EVENT = 'LLM call';

/** A call as an event beside the record of its turn, whose id it may share. */
export function toCallEvent(record: PromptRecord, isError: boolean): TrackedEvent {
  const event = toErrorEvent(record);
  return { ...event, id: `${event.id}-call`, event: isError ? LLM_ERROR_EVENT : LLM_CALL_EVENT };
}

/** The event that tells of a failed call: there is no answer to make a prompt record of. */
export function toErrorEvent(record: PromptRecord): TrackedEvent {
  return {
    id: record.id,
    event: LLM_ERROR_EVENT,
    userId: record.userId,
    ...(record.threadId !== undefined && { threadId: record.threadId }),
    timestamp: record.timestamp,
    properties: eventProperties(record),
  };
}

/** What the record says in fields of its own, then its properties. */
function eventProperties(record: PromptRecord): Properties {
  const properties: Properties = {};
  if (record.prompt !== '') properties.prompt = record.prompt;
  if (record.generation !== '') properties.generation = record.generation;
  properties.model = record.assistantId;
  properties.latency = record.latency;
  if (record.tags.length > 0) properties.tags = record.tags;
  addOwn(properties, record.properties);
  return properties;
}
