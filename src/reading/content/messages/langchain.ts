import { toRecord } from '../../model/attributes.js';

type Shape = Readonly<Record<string, unknown>>;

/** Roles by the class name or the `type` of a message of LangChain, or of AutoGen. */
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
  // AutoGen.
  ['UserMessage', 'user'],
  ['AssistantMessage', 'assistant'],
  ['FunctionExecutionResultMessage', 'tool'],
]);

/**
 * Turns a message as LangChain serialises it into a message with a role: `{lc, type: "constructor", id, kwargs}`,
 * `{type: "human", data}` or `{type: "human", content}`. Any other shape is returned unchanged.
 */
export function unwrapLangChainMessage(shape: Shape): Shape {
  if (shape.role !== undefined) return shape;
  const isConstructor = shape.lc !== undefined && Array.isArray(shape.id);
  const role = ROLES.get(isConstructor ? (shape.id as unknown[]).at(-1) : shape.type);
  if (role === undefined) return shape;
  const fields = toRecord(isConstructor ? shape.kwargs : shape.data) ?? shape;
  const extra = toRecord(fields.additional_kwargs);
  const calls = fields.tool_calls ?? extra?.tool_calls;
  return {
    refusal: extra?.refusal,
    audio: extra?.audio,
    ...fields,
    role,
    type: undefined,
    ...(calls !== undefined && { tool_calls: calls }),
  };
}

/** Returns the choices of a LangChain model result, `{generations: [[{text, message}]]}`. `undefined` if it is no list. */
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
