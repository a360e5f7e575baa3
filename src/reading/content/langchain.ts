import { toRecord } from '../model/attributes.js';

type Shape = Readonly<Record<string, unknown>>;

/** Roles by the name of the class and by the `type` of a message of LangChain. */
const ROLES: ReadonlyMap<unknown, string> = new Map<unknown, string>([
  ['human', 'user'],
  ['HumanMessage', 'user'],
  ['HumanMessageChunk', 'user'],
  ['ai', 'assistant'],
  ['AIMessage', 'assistant'],
  ['AIMessageChunk', 'assistant'],
  ['system', 'system'],
  ['SystemMessage', 'system'],
  ['SystemMessageChunk', 'system'],
  ['tool', 'tool'],
  ['ToolMessage', 'tool'],
  ['ToolMessageChunk', 'tool'],
  ['FunctionMessage', 'tool'],
]);

/**
 * A message as LangChain serialises it, `{lc, type: "constructor", id, kwargs}`, `{type: "human", data}` or `{type: "human", content}`,
 * as a message with a role. Any other shape as it is.
 */
export function unwrapLangChainMessage(shape: Shape): Shape {
  if (shape.role !== undefined) return shape;
  const isConstructor = shape.lc !== undefined && Array.isArray(shape.id);
  const role = ROLES.get(isConstructor ? (shape.id as unknown[]).at(-1) : shape.type);
  if (role === undefined) return shape;
  const fields = toRecord(isConstructor ? shape.kwargs : shape.data) ?? shape;
  const calls = fields.tool_calls ?? toRecord(fields.additional_kwargs)?.tool_calls;
  return { ...fields, role, type: undefined, ...(calls !== undefined && { tool_calls: calls }) };
}

/** The choices of LangChain's result of a model, `{generations: [[{text, message}]]}`. */
export function toGenerationChoices(generations: unknown): Shape[] | undefined {
  if (!Array.isArray(generations)) return undefined;
  return generations.flat(1).map((generation: unknown) => {
    const shape = toRecord(generation) ?? {};
    const message = toRecord(shape.message);
    const inner = message && unwrapLangChainMessage(message);
    return {
      message: inner ?? { role: 'assistant', content: shape.text },
      finish_reason:
        toRecord(shape.generationInfo ?? shape.generation_info)?.finish_reason ??
        toRecord(inner?.response_metadata)?.finish_reason,
    };
  });
}
