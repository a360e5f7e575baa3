import {
  ATTR_ENDUSER_ID,
  ATTR_ENDUSER_PSEUDO_ID,
  ATTR_GEN_AI_CONVERSATION_ID,
  ATTR_SESSION_ID,
  ATTR_TRUBRICS_RUN_ID,
  ATTR_USER_ID,
} from '../../common/semconv.js';
import { toUnknown, readId, toId, toRecord, withNames, type SpanAttributes } from '../model/attributes.js';
import { decode } from '../decoding/decode.js';
import { field, fieldTable, readFields, type FieldGroups, type Found } from './fields.js';
import { omitUndefined } from './omit-undefined.js';
import type { UserAndThread } from '../../common/context-identity.js';

/** Prefixes of attributes that hold the user's own metadata. */
const PREFIXES = [
  'ai.telemetry.metadata.',
  'ai.settings.context.',
  'traceloop.association.properties.',
  'lmnr.association.properties.',
  'langsmith.metadata.',
  'langfuse.observation.metadata.',
  'langfuse.trace.metadata.',
  'mastra.metadata.',
  'metadata.',
  'langwatch.langchain.run.metadata.',
  'langwatch.langgraph.',
] as const;

/** Names of the user id in metadata. */
const USER_NAMES = ['langfuse_user_id', 'userId', 'user_id', 'user.id', 'posthog_distinct_id'] as const;

/** Names of the conversation id in metadata. */
const THREAD_NAMES = [
  'langfuse_session_id',
  'threadId',
  'thread_id',
  'conversationId',
  'conversation_id',
  'sessionId',
  'session_id',
  'session.id',
  'chatId',
  'chat_id',
] as const;

/** Attributes with the user id, most explicit first. */
const USER_KEYS = [
  ATTR_USER_ID,
  ATTR_ENDUSER_ID,
  ATTR_ENDUSER_PSEUDO_ID,
  'langfuse.user.id',
  'langwatch.user.id',
  ...withPrefixes(USER_NAMES),
  'mlflow.trace.user',
  'gen_ai.request.user',
  'gen_ai.user',
  'gen_ai.user.id',
  'llm.user',
  'gen_ai.openai.request.user',
  ...USER_NAMES,
] as const;

/**
 * Attributes with the conversation id, most explicit first: what somebody set by hand before what a library sets by itself, as LiveKit
 * sets the room. Not `langsmith.trace.session_id`, which is a LangSmith project.
 */
const THREAD_KEYS = [
  'langfuse.session.id',
  ATTR_SESSION_ID,
  'langwatch.thread.id',
  ATTR_GEN_AI_CONVERSATION_ID,
  'conversation.id',
  ...withPrefixes(THREAD_NAMES),
  'gen_ai.session.id',
  'ai.telemetry.metadata.$ai_session_id',
  'gcp.vertex.agent.session_id',
  'mlflow.trace.session',
  // Azure AI Agents.
  'gen_ai.thread.id',
  // OpenLIT and applications write them under their own names.
  ...THREAD_NAMES,
] as const;

function withPrefixes(names: readonly string[]): readonly string[] {
  return PREFIXES.flatMap((prefix) => names.map((name) => prefix + name));
}

/** Ids in attributes of their own, and the JSON object of metadata that may hold them (OpenInference, Braintrust). */
export interface IdentityGroups {
  readonly identity: UserAndThread;
  readonly metadata: { readonly json: unknown };
}

export const IDENTITY_GROUPS: FieldGroups<IdentityGroups> = {
  identity: {
    userId: field(decodeId, ...USER_KEYS),
    threadId: field(decodeId, ...THREAD_KEYS),
  },
  metadata: { json: field(toUnknown, 'metadata', 'braintrust.metadata') },
};

const TABLE = fieldTable<IdentityGroups>(IDENTITY_GROUPS);

/** Reads user and conversation from the attributes of an LLM span, or of any span above it, in any dialect. */
export function readIdentity(attributes: SpanAttributes): UserAndThread {
  return toIdentity(readFields(withNames(attributes), TABLE, { identity: {}, metadata: {} }), attributes);
}

/** Completes the ids from the JSON object of metadata. Decodes it only if an id is missing. */
export function toIdentity(
  { identity, metadata }: Found<IdentityGroups>,
  attributes: SpanAttributes,
): UserAndThread {
  // Our own handler writes the thread that the user gave it as the conversation: nothing is more explicit.
  if (attributes[ATTR_TRUBRICS_RUN_ID] !== undefined) {
    const threadId = toId(attributes[ATTR_GEN_AI_CONVERSATION_ID]);
    if (threadId !== undefined) identity.threadId = threadId;
  }
  const isComplete = identity.userId !== undefined && identity.threadId !== undefined;
  if (metadata.json === undefined || isComplete) return identity;
  return { ...readJsonIdentity(metadata.json), ...identity };
}

function readJsonIdentity(text: unknown): UserAndThread {
  const json = toRecord(decode(text).value) ?? {};
  return omitUndefined({
    userId: readId(json, ...USER_NAMES),
    threadId: readId(json, ...THREAD_NAMES),
  });
}

/** Decodes an id. MLflow and Langfuse metadata write ids as JSON, in quotes. */
function decodeId(value: unknown): string | undefined {
  const id = toId(value);
  return id?.startsWith('"') ? toId(decode(id).value) : id;
}
