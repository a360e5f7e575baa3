import { toRecord, type NamedAttributes } from '../model/attributes.js';
import type { OutputMessage } from '../model/llm-call.js';
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
  const messages = unflatten(view, prefix);
  if (messages.size === 0) return [];
  const numbers = [...messages.keys()].toSorted((a, b) => a - b);
  return toMessages(
    numbers.map((number) => toShape(messages.get(number) ?? emptyMessage(), defaultRole)),
    defaultRole,
  );
}

/** A message while it is put together. Most have a role and a text alone: what lies deeper has objects of its own. */
interface Unflattened {
  role: unknown;
  content: unknown;
  deeper: Node | undefined;
}

function emptyMessage(): Unflattened {
  return { role: undefined, content: undefined, deeper: undefined };
}

/** Where an attribute belongs, by its name: `llm.input_messages.0.message.contents.1.message_content.text`. */
interface Place {
  readonly prefix: string;
  readonly index: number;
  /** In the message: `contents`, `1` and so on. */
  readonly steps: readonly string[];
  readonly last: string;
}

const NAME = /^(.+?)\.(\d+)\.message\.(.+)$/;
const NOWHERE: Place = { prefix: '', index: 0, steps: [], last: '' };

/**
 * The same names come with every span, and histories have many: taking a name apart costs more than all else that is done with
 * it, so what came of it is kept. Bounded, as names may hold anything.
 */
const PLACES = new Map<string, Place>();
const MAX_PLACES = 4_096;

function placeOf(name: string): Place {
  const known = PLACES.get(name);
  if (known) return known;
  const [, prefix = '', index, path] = NAME.exec(name) ?? [];
  const steps = path?.split('.') ?? [];
  const last = steps.pop();
  const place = last === undefined ? NOWHERE : { prefix, index: Number(index), steps, last };
  if (PLACES.size >= MAX_PLACES) PLACES.clear();
  PLACES.set(name, place);
  return place;
}

/** Messages by their number. One pass over the attributes: asking for each name that might be there takes longer by far. */
function unflatten({ attributes, names }: NamedAttributes, prefix: string): ReadonlyMap<number, Unflattened> {
  const messages = new Map<number, Unflattened>();
  for (const name of names) {
    const place = placeOf(name);
    if (place.prefix !== prefix) continue;
    let message = messages.get(place.index);
    if (!message) messages.set(place.index, (message = emptyMessage()));
    put(message, place, attributes[name]);
  }
  return messages;
}

function put(message: Unflattened, { steps, last }: Place, value: unknown): void {
  if (steps.length === 0 && last === 'role') message.role = value;
  else if (steps.length === 0 && last === 'content') message.content = value;
  else {
    let node = (message.deeper ??= emptyNode());
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

function toShape({ role, content, deeper }: Unflattened, defaultRole: string): Shape {
  if (!deeper) return { role: role ?? defaultRole, content };
  const contents = toList(deeper.contents).map(toContent);
  const resultOf = deeper.tool_call_id;
  // Anthropic's tool results are messages of the user: only the id tells.
  const result: Shape[] =
    resultOf === undefined ? [] : [{ type: 'tool_result', id: resultOf, result: content }];
  return {
    role: role ?? (result.length > 0 ? 'tool' : defaultRole),
    name: deeper.name,
    // Rewriters of the AI SDK write the text of a message in both ways.
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
