import {
  ATTR_ENDUSER_ID,
  ATTR_ENDUSER_PSEUDO_ID,
  ATTR_GEN_AI_CONVERSATION_ID,
  ATTR_SESSION_ID,
  ATTR_USER_ID,
} from '../semconv.js';
import { asItIs, toId, toRecord, withNames, type SpanAttributes } from './attributes.js';
import { decode } from './content/decode.js';
import { fieldTable, readFields, type FieldGroups, type Found } from './fields.js';
import type { AttributedIdentity } from './llm-call.js';
import { omitUndefined } from './omit-undefined.js';

/** Where libraries write the user, most explicit first. */
const USER_KEYS = [
  ATTR_USER_ID,
  ATTR_ENDUSER_ID,
  ATTR_ENDUSER_PSEUDO_ID,
  'langfuse.user.id',
  'ai.telemetry.metadata.userId',
  'ai.telemetry.metadata.user_id',
  'ai.telemetry.metadata.user.id',
  'ai.telemetry.metadata.posthog_distinct_id',
  'ai.settings.context.userId',
  'ai.settings.context.user_id',
  'traceloop.association.properties.user_id',
  'traceloop.association.properties.userId',
  'lmnr.association.properties.user_id',
  'lmnr.association.properties.userId',
  'langsmith.metadata.user_id',
  'langfuse.observation.metadata.langfuse_user_id',
  'langfuse.trace.metadata.langfuse_user_id',
  'langfuse.observation.metadata.userId',
  'langfuse.trace.metadata.userId',
  'langfuse.observation.metadata.user_id',
  'langfuse.trace.metadata.user_id',
  'mastra.metadata.userId',
  'metadata.userId',
  'metadata.user_id',
  'mlflow.trace.user',
  'gen_ai.request.user',
  'gen_ai.user',
  'llm.user',
  'gen_ai.openai.request.user',
  'userId',
] as const;

/** Where libraries write the conversation. Not `langsmith.trace.session_id`: that is LangSmith's project. */
const THREAD_KEYS = [
  ATTR_GEN_AI_CONVERSATION_ID,
  ATTR_SESSION_ID,
  'langfuse.session.id',
  'conversation.id',
  ...[
    'threadId',
    'thread_id',
    'conversationId',
    'conversation_id',
    'sessionId',
    'session_id',
    'chatId',
    'chat_id',
  ].flatMap((key) => [`ai.telemetry.metadata.${key}`, `ai.settings.context.${key}`, `metadata.${key}`]),
  'ai.telemetry.metadata.$ai_session_id',
  ...['thread_id', 'session_id', 'conversation_id', 'chat_id', 'sessionId', 'threadId'].flatMap((key) => [
    `traceloop.association.properties.${key}`,
    `lmnr.association.properties.${key}`,
  ]),
  'langsmith.metadata.thread_id',
  'langsmith.metadata.session_id',
  'langsmith.metadata.conversation_id',
  ...['langfuse_session_id', 'sessionId', 'session_id', 'thread_id'].flatMap((key) => [
    `langfuse.observation.metadata.${key}`,
    `langfuse.trace.metadata.${key}`,
  ]),
  'mastra.metadata.threadId',
  'mastra.metadata.sessionId',
  'gcp.vertex.agent.session_id',
  'mlflow.trace.session',
  // Custom attributes of OpenLIT stand on the span as the user named them.
  'threadId',
  'conversationId',
  'sessionId',
] as const;

/** Who asked, under names of their own, and one JSON object that may hold them: OpenInference, Braintrust. */
export interface IdentityGroups {
  readonly identity: AttributedIdentity;
  readonly beside: { readonly json: unknown };
}

export const IDENTITY_GROUPS: FieldGroups<IdentityGroups> = {
  identity: {
    userId: { names: USER_KEYS, read: decodeId },
    threadId: { names: THREAD_KEYS, read: decodeId },
  },
  beside: { json: { names: ['metadata', 'braintrust.metadata'], read: asItIs } },
};

const TABLE = fieldTable<IdentityGroups>(IDENTITY_GROUPS);

/** Who asked and in which conversation, from the attributes of an LLM span or of any span above it, whatever the dialect. */
export function readIdentity(attributes: SpanAttributes): AttributedIdentity {
  return toIdentity(readFields(withNames(attributes), TABLE, { identity: {}, beside: {} }));
}

/** The JSON object is only asked for what has no name of its own. */
export function toIdentity({ identity, beside }: Found<IdentityGroups>): AttributedIdentity {
  const isComplete = identity.userId !== undefined && identity.threadId !== undefined;
  if (beside.json === undefined || isComplete) return identity;
  return { ...readJsonIdentity(beside.json), ...identity };
}

function readJsonIdentity(text: unknown): AttributedIdentity {
  const json = toRecord(decode(text).value);
  return omitUndefined({
    userId: toId(json?.user_id ?? json?.userId),
    threadId: toId(
      json?.thread_id ??
        json?.session_id ??
        json?.conversation_id ??
        json?.threadId ??
        json?.sessionId ??
        json?.conversationId,
    ),
  });
}

/** MLflow and Langfuse metadata write ids as JSON, quotes included. */
function decodeId(value: unknown): string | undefined {
  const id = toId(value);
  return id?.startsWith('"') ? toId(decode(id).value) : id;
}
