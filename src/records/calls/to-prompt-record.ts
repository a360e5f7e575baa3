import type { ContextIdentity } from '../../common/context-identity.js';
import { recordId } from '../../common/record-id.js';
import type { LlmCall } from '../../reading/model/llm-call.js';
import type { RawFacts } from '../model/fact-names.js';
import type { PromptRecord, TrackedEvent } from '../model/prompt-record.js';
import type { RecordSettings } from '../model/record-settings.js';
import { cutText } from '../text/clean-text.js';
import { toTimestamp } from '../text/timestamp.js';
import { wellFormed } from '../text/clean-text.js';
import { generationOf, promptOf } from './call-text.js';
import { messagesOf } from './messages.js';
import { addUserProperties, callProperties, toProperties, type Properties } from './properties.js';
import type { ResolvedIdentity } from './resolve-identity.js';

/** Event that a failed call becomes. */
export const LLM_ERROR_EVENT = 'LLM error';

/** Event that a call of a turn becomes with `granularity: "both"`. */
export const LLM_CALL_EVENT = 'LLM call';

/** Builds the record of one call. `facts` are further properties that are not a user's; they replace those of the call. */
export function toPromptRecord(
  call: LlmCall,
  identity: ResolvedIdentity,
  settings: RecordSettings,
  contextIdentity: Pick<ContextIdentity, 'tags' | 'properties'> = {},
  facts?: RawFacts,
): PromptRecord {
  const prompt = promptOf(call);
  const generation = generationOf(call);
  const isCut = prompt.length > settings.maxTextLength || generation.length > settings.maxTextLength;
  const properties: Properties = callProperties(call, settings.systemPrompt, call.truncated || isCut);
  if (settings.messages === 'all') addMessages(properties, call, settings);
  if (facts) Object.assign(properties, toProperties(facts));
  addUserProperties(properties, settings.properties, contextIdentity.properties, call.metadata);
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

function addMessages(properties: Properties, call: LlmCall, settings: RecordSettings): void {
  const messages = messagesOf(call, settings.systemPrompt, settings.maxTextLength);
  if (messages.length > 0) properties['messages'] = messages;
}

const NOTHING = {};
const NO_TAGS: readonly string[] = [];

/** Returns all tags in order, without duplicates. */
function joinTags(...lists: readonly (readonly string[] | undefined)[]): readonly string[] {
  if (lists.every((list) => list === undefined || list.length === 0)) return NO_TAGS;
  return [...new Set(lists.flatMap((list) => list ?? NO_TAGS))].map((tag) => wellFormed(tag));
}

/** Turns the record of a turn's call into an event. The id has a suffix, because the turn can have the same id. */
export function toCallEvent(record: PromptRecord, isError: boolean): TrackedEvent {
  const event = toErrorEvent(record);
  return { ...event, id: `${event.id}-call`, event: isError ? LLM_ERROR_EVENT : LLM_CALL_EVENT };
}

/** Turns the record of a failed call into the event `LLM error`, because there is no answer. */
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

/** Returns the record's own fields as properties, followed by its properties. */
function eventProperties(record: PromptRecord): Properties {
  const properties: Properties = {};
  if (record.prompt !== '') properties.prompt = record.prompt;
  if (record.generation !== '') properties.generation = record.generation;
  properties.model = record.assistantId;
  properties.latency = record.latency;
  if (record.tags.length > 0) properties.tags = record.tags;
  addUserProperties(properties, record.properties);
  return properties;
}
