import { asRecord, asShortText, asStrings, asText, cut } from '../../common/unknown-values.js';

const MAX_LENGTH = 200;

/** Formats that providers name in a way of their own. Ollama's may be a JSON schema, whose type is `object`. */
const FORMATS: ReadonlyMap<string, string> = new Map([
  ['application/json', 'json'],
  ['text/plain', 'text'],
  ['object', 'json_schema'],
]);

/** Returns the format of an answer: from `{ type }`, `{ format: { type } }` (OpenAI's Responses API, Anthropic) or a text. */
export function shortFormat(value: unknown): string | undefined {
  const { type, format } = asRecord(value);
  const name = asText(type) ?? asText(asRecord(format)['type']) ?? asText(value);
  return name === undefined ? undefined : (FORMATS.get(name) ?? cut(name, MAX_LENGTH));
}

/**
 * Returns the tool that must be called, else the mode: `auto`, `any`, `none`, `required`, … Providers write it as a text, `{ type, name }`,
 * `{ type, function: { name } }`, `{ tool: { name } }` or `{ auto: {} }` (Bedrock), or `{ mode, allowedFunctionNames }` (Google).
 */
export function shortToolChoice(value: unknown): string | undefined {
  const given = asRecord(value);
  const { type, name, mode, allowedFunctionNames, function: called, tool } = given;
  const allowed = asStrings(allowedFunctionNames);
  const tools = allowed.length === 1 ? allowed[0] : undefined;
  return asShortText(
    asText(value) ??
      asText(name) ??
      asText(asRecord(called)['name']) ??
      asText(asRecord(tool)['name']) ??
      tools ??
      asText(type) ??
      asText(mode)?.toLowerCase() ??
      Object.keys(given).find((key) => key === 'auto' || key === 'any'),
    MAX_LENGTH,
  );
}
