import { toRecord, type NamedAttributes } from '../attributes.js';
import type { OutputMessage } from '../llm-call.js';
import { toMessages } from './messages.js';

type Shape = Readonly<Record<string, unknown>>;
type Node = Record<string, unknown>;

/**
 * Messages in the flattened attributes of OpenInference: `llm.input_messages.0.message.role`, `….contents.0.message_content.text`,
 * `….tool_calls.0.tool_call.function.name` and so on.
 */
export function readFlattenedMessages(
  view: NamedAttributes,
  prefix: string,
  defaultRole: string,
): readonly OutputMessage[] {
  const messages = unflatten(view, `${prefix}.`);
  if (messages.size === 0) return [];
  const shapes = [...messages]
    .toSorted(([a], [b]) => a - b)
    .map(([, message]) => toShape(message, defaultRole));
  return toMessages(shapes, defaultRole);
}

/**
 * Messages by their number, as nested objects. One pass over the attributes: asking for each key that might be there takes
 * longer by far. Histories are long, so the number is read by hand and only what lies deeper is split.
 */
function unflatten({ attributes, names }: NamedAttributes, prefix: string): ReadonlyMap<number, Node> {
  const messages = new Map<number, Node>();
  for (const key of names) {
    if (!key.startsWith(prefix)) continue;
    const end = key.indexOf('.', prefix.length);
    if (end === -1 || !key.startsWith('message.', end + 1)) continue;
    const index = Number(key.slice(prefix.length, end));
    if (!Number.isInteger(index)) continue;
    let message = messages.get(index);
    if (!message) messages.set(index, (message = emptyNode()));
    put(message, key.slice(end + 1 + 'message.'.length), attributes[key]);
  }
  return messages;
}

function put(message: Node, path: string, value: unknown): void {
  if (path === 'role') message.role = value;
  else if (path === 'content') message.content = value;
  else {
    const steps = path.split('.');
    const last = steps.pop() ?? '';
    let node = message;
    for (const step of steps) node = childOf(node, step);
    node[last] ??= value;
  }
}

/** Without a prototype: an attribute may be called anything. */
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

/** The members `0`, `1` and so on of a node. Attributes may have been dropped: what is missing leaves no hole. */
function toList(node: unknown): Shape[] {
  const items: Shape[] = [];
  // Keys that are whole numbers come in their order.
  for (const index in toRecord(node) ?? {}) {
    const item = toRecord((node as Shape)[index]);
    if (item) items.push(item);
  }
  return items;
}

function toShape(message: Shape, defaultRole: string): Shape {
  const contents = toList(message.contents).map(toContent);
  const resultOf = message.tool_call_id;
  // Anthropic's tool results are messages of the user: only the id tells.
  const result: Shape[] =
    resultOf === undefined ? [] : [{ type: 'tool_result', id: resultOf, result: message.content }];
  return {
    role: message.role ?? (result.length > 0 ? 'tool' : defaultRole),
    name: message.name,
    // Rewriters of the AI SDK write the text of a message in both ways.
    content: result.length + contents.length > 0 ? [...result, ...contents] : message.content,
    tool_calls: toToolCalls(message),
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
