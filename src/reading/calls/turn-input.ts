import { isRecord } from '../../common/unknown-values.js';
import { withoutFrameworkMessages } from '../content/messages/framework-messages.js';
import { unwrapLangChainMessage } from '../content/messages/langchain.js';
import { isMessage, toMessages } from '../content/messages/messages.js';
import { decode } from '../decoding/decode.js';
import { roleOf } from '../dialects/read-llm-call.js';
import type { Message } from '../model/llm-call.js';
import type { SpanLike } from '../model/span-like.js';

/** Attributes with the input of an agent, workflow or chain. */
const INPUT_KEYS = [
  'lk.pii.user_input',
  'lk.user_input',
  'gen_ai.input.messages',
  'mastra.agent_run.input',
  'mastra.workflow_run.input',
  'pydantic_ai.all_messages',
  'agent.messages',
  'langfuse.observation.input',
  'langwatch.input',
  'traceloop.entity.input',
  'mlflow.spanInputs',
  'lmnr.span.input',
  'genkit:input',
  'ai.prompt.messages',
  'ai.prompt',
  'input.value',
  'input',
] as const;

/** Attributes in which a library writes a user's text as it is. */
const USER_TEXTS: ReadonlySet<string> = new Set([
  'lk.pii.user_input',
  'lk.user_input',
  'mastra.agent_run.input',
]);

/** Members of an input that hold the user's message, or the conversation. */
const QUESTION_NAMES = ['messages', 'input', 'question', 'query', 'prompt'] as const;

/** Members that wrap an input: Traceloop's, LangWatch's, those of a traced function, and MLflow's for an agent of the Responses API. */
const WRAPPER_NAMES = ['inputs', 'kwargs', 'value', 'request'] as const;

/** Depth of objects in which a question is looked for. */
const MAX_DEPTH = 3;

/**
 * Returns the text of the last user message in the input of an agent, workflow or chain. `undefined`: the input is not recorded, is cut,
 * or has neither the shape of messages nor one of the {@link QUESTION_NAMES}.
 */
export function readTurnInput(span: SpanLike): string | undefined {
  const { attributes } = span;
  // A text alone is the question of an agent; that of a chain can be any text.
  const isAgent = roleOf(span) === 'agent';
  for (const name of INPUT_KEYS) {
    const written = attributes[name];
    if (written === undefined) continue;
    const isUserText = USER_TEXTS.has(name);
    const { value, cut } = decode(written);
    const read = Array.isArray(value) && !isUserText ? questionInArguments : questionIn;
    const question = cut ? undefined : read(value, isUserText || isAgent, MAX_DEPTH);
    if (question !== undefined) return question;
  }
  return undefined;
}

/** Returns the system messages of a conversation, followed by the user's message. */
export function askedBy(text: string, messages: readonly Message[]): readonly Message[] {
  const system = messages.filter(({ role }) => role === 'system');
  return [...system, { role: 'user', parts: [{ type: 'text', text }] }];
}

function questionIn(value: unknown, isUserText: boolean, depth: number): string | undefined {
  if (typeof value === 'string') return isUserText && value.trim() !== '' ? value : undefined;
  if (Array.isArray(value)) return questionInList(value, isUserText);
  if (!isRecord(value) || depth === 0) return undefined;
  if (isMessage(unwrapLangChainMessage(value))) return lastUserText([value]);
  for (const name of QUESTION_NAMES) {
    const question = questionIn(decode(value[name]).value, true, depth - 1);
    if (question !== undefined) return question;
  }
  for (const name of WRAPPER_NAMES) {
    const question = questionIn(value[name], isUserText, depth - 1);
    if (question !== undefined) return question;
  }
  return questionInArguments(value.args, isUserText, depth);
}

/** Returns the question in the positional arguments of a traced function: a conversation, else the first argument with a question. */
function questionInArguments(value: unknown, isUserText: boolean, depth: number): string | undefined {
  if (!Array.isArray(value)) return undefined;
  const list: readonly unknown[] = value;
  const conversation = questionInList(list, false);
  if (conversation !== undefined) return conversation;
  for (const argument of list) {
    const question = questionIn(argument, isUserText, depth - 1);
    if (question !== undefined) return question;
  }
  return undefined;
}

function questionInList(list: readonly unknown[], isUserText: boolean): string | undefined {
  if (isUserText && list.every((entry) => typeof entry === 'string')) return list.at(-1);
  return isConversation(list) ? lastUserText(list) : undefined;
}

function isConversation(list: readonly unknown[]): boolean {
  return (
    list.length > 0 &&
    list.every(
      (entry) => Array.isArray(entry) || (isRecord(entry) && isMessage(unwrapLangChainMessage(entry))),
    )
  );
}

/** Roles of the tuples that LangChain accepts as messages: `["human", "Where?"]`. */
const TUPLE_ROLE = /^(?:human|user|ai|assistant|system|tool|developer|function|placeholder)$/;

function fromTuple(entry: unknown): unknown {
  if (!Array.isArray(entry) || entry.length !== 2) return entry;
  const [role, content] = entry as readonly unknown[];
  return typeof role === 'string' && TUPLE_ROLE.test(role) ? { role, content } : entry;
}

function lastUserText(conversation: readonly unknown[]): string | undefined {
  const texts = withoutFrameworkMessages(toMessages(conversation.map(fromTuple), 'user'))
    .filter(({ role }) => role === 'user')
    .map(({ parts }) =>
      parts.flatMap((part) => (part.type === 'text' && part.text !== '' ? [part.text] : [])),
    );
  return texts.findLast((lines) => lines.length > 0)?.join('\n');
}
