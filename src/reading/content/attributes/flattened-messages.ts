import { rememberNames } from '../../model/remember-names.js';
import { toRecord, type NamedAttributes } from '../../model/attributes.js';
import type { OutputMessage } from '../../model/llm-call.js';
import {
  readInputMessages,
  readOutputMessages,
  toMessages,
  type ReadMessages,
} from '../messages/messages.js';
import { stringify } from '../messages/plain-text.js';

type Shape = Readonly<Record<string, unknown>>;
type Node = Record<string, unknown>;

/**
 * Reads messages from the flattened attributes of OpenInference: `llm.input_messages.0.message.role`,
 * `….contents.0.message_content.text`, `….tool_calls.0.tool_call.function.name` and so on.
 */
export function readFlattenedMessages(
  view: NamedAttributes,
  prefix: string,
  defaultRole: string,
): readonly OutputMessage[] {
  const messages = unflatten(view, prefix);
  if (messages.size === 0) return [];
  const numbers = [...messages.keys()].toSorted((a, b) => a - b);
  const role = roleOfRoleless(messages, defaultRole);
  return toMessages(
    numbers.map((number) => toShape(messages.get(number) ?? emptyMessage(), role)),
    defaultRole,
  );
}

/**
 * Reads messages that were not flattened but have the prefixes of flattened ones, `[{"message.role": "user", …}]`, as OpenInference's
 * specification shows them, or have none: `[{"role": "user", …}]`.
 */
export function readUnprefixed(value: unknown, defaultRole: string): ReadMessages<OutputMessage> {
  const text = typeof value === 'object' ? stringify(value) : value;
  const whole = typeof text === 'string' ? text.replace(PREFIXED, '$1"$2":') : text;
  return defaultRole === 'user' ? readInputMessages(whole) : readOutputMessages(whole);
}

/** A name of a member. In a text, its quotation mark is escaped. */
const PREFIXED = /([{,]\s*)"(?:message|message_content|tool_call)\.(?:function\.)?(\w+)":/g;

/** Returns the role of messages without one. They are a user's only if no message has a role: reasoning items have none. */
function roleOfRoleless(messages: ReadonlyMap<number, Unflattened>, defaultRole: string): string {
  if (defaultRole !== 'user') return defaultRole;
  for (const message of messages.values()) if (message.role !== undefined) return 'assistant';
  return defaultRole;
}

/** A message under construction. Most messages have only role and content; `deeper` holds all other attributes as a tree. */
interface Unflattened {
  role: unknown;
  content: unknown;
  deeper: Node | undefined;
}

function emptyMessage(): Unflattened {
  return { role: undefined, content: undefined, deeper: undefined };
}

/** A parsed attribute name, for example `llm.input_messages.0.message.contents.1.message_content.text`. */
interface ParsedName {
  readonly prefix: string;
  readonly index: number;
  /** Path within the message without its last step: `contents`, `1` and so on. */
  readonly steps: readonly string[];
  readonly last: string;
}

const NAME = /^(.+?)\.(\d+)\.message\.(.+)$/;
/** Parse result of a name that is no flattened message. */
const NO_MESSAGE: ParsedName = { prefix: '', index: 0, steps: [], last: '' };

const parseName = rememberNames((name): ParsedName => {
  const [, prefix = '', index, path] = NAME.exec(name) ?? [];
  const steps = path?.split('.') ?? [];
  const last = steps.pop();
  return last === undefined ? NO_MESSAGE : { prefix, index: Number(index), steps, last };
});

/** Returns the messages by their index. One pass over the attributes is cheaper than a look-up of every possible name. */
function unflatten({ attributes, names }: NamedAttributes, prefix: string): ReadonlyMap<number, Unflattened> {
  const messages = new Map<number, Unflattened>();
  for (const name of names) {
    const parsed = parseName(name);
    if (parsed.prefix !== prefix) continue;
    const message = messages.get(parsed.index) ?? emptyMessage();
    messages.set(parsed.index, message);
    setAt(message, parsed, attributes[name]);
  }
  return messages;
}

/** Sets a value at its path in the message. The first value of a path wins. */
function setAt(message: Unflattened, { steps, last }: ParsedName, value: unknown): void {
  if (steps.length === 0 && last === 'role') message.role = value;
  else if (steps.length === 0 && last === 'content') message.content = value;
  else {
    let node = (message.deeper ??= emptyNode());
    for (const step of steps) node = childOf(node, step);
    node[last] ??= value;
  }
}

/** Has no prototype, because an attribute may have any name, `__proto__` included. */
function emptyNode(): Node {
  return Object.create(null) as Node;
}

function childOf(node: Node, step: string): Node {
  const child = node[step];
  if (typeof child === 'object' && child !== null) return child as Node;
  const created = emptyNode();
  node[step] = created;
  return created;
}

/** Returns the members `0`, `1` and so on of a node as a list without holes: attributes may have been dropped. */
function toList(node: unknown): Shape[] {
  const items: Shape[] = [];
  // Objects list integer keys in ascending order.
  const members = toRecord(node) ?? {};
  for (const index in members) {
    const item = toRecord(members[index]);
    if (item) items.push(item);
  }
  return items;
}

function toShape({ role, content, deeper }: Unflattened, defaultRole: string): Shape {
  if (!deeper) return { role: role ?? defaultRole, content };
  const contents = toList(deeper.contents).map(toContent);
  const resultOf = deeper.tool_call_id;
  // A tool result of Anthropic is a user message: only the id of the tool call shows what it is.
  const result: Shape[] =
    resultOf === undefined ? [] : [{ type: 'tool_result', id: resultOf, result: content }];
  return {
    role: role ?? (result.length > 0 ? 'tool' : defaultRole),
    name: deeper.name,
    // Rewriters of the AI SDK's spans write the text both as `content` and as `contents`.
    content: result.length + contents.length > 0 ? [...result, ...contents] : content,
    tool_calls: toToolCalls(deeper),
  };
}

function toContent(content: Shape): Shape {
  const call = toToolCall(content.tool_call);
  if (call) return call;
  const part = toRecord(content.message_content) ?? {};
  const image = toRecord(part.image);
  return {
    type: part.type ?? 'text',
    text: part.text,
    ...(image && { url: toRecord(image.image)?.url ?? image.url, mime_type: image.media_type }),
  };
}

function toToolCalls(message: Shape): Shape[] | undefined {
  if (message.tool_calls !== undefined) {
    return toList(message.tool_calls).flatMap<Shape>(({ tool_call: call }) => toToolCall(call) ?? []);
  }
  const name = message.function_call_name;
  if (name === undefined) return undefined;
  return [{ type: 'tool_call', name, arguments: message.function_call_arguments_json }];
}

function toToolCall(value: unknown): Shape | undefined {
  const call = toRecord(value);
  const fn = toRecord(call?.function);
  if (fn?.name === undefined) return undefined;
  return { type: 'tool_call', id: call?.id, name: fn.name, arguments: fn.arguments };
}
