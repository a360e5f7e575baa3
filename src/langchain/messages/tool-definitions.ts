import { toJson } from './bounded-json.js';
import {
  asArray,
  asRecord,
  asShortText,
  asText,
  cut,
  isRecord,
  type UnknownRecord,
} from '../../common/unknown-values.js';

const MAX_TOOLS = 128;
const MAX_DESCRIPTION_LENGTH = 2_000;
const MAX_LENGTH = 100_000;

/** Tool definition in the GenAI conventions. JSON leaves undefined members out. */
interface ToolDefinition {
  readonly type: string;
  readonly name: string;
  readonly description: string | undefined;
  /** JSON schema. */
  readonly parameters: UnknownRecord | undefined;
}

/**
 * Returns the tools of a request as JSON, or undefined if it has none.
 *
 * Copies only known fields. Tools that the provider runs (MCP servers, connectors) can hold headers and tokens: of them only type and
 * name are recorded.
 */
export function toolDefinitions(offered: unknown): string | undefined {
  if (offered === undefined) return undefined;
  const definitions = asArray(offered).slice(0, MAX_TOOLS).flatMap(definitionsOf);
  if (definitions.length === 0) return undefined;
  const json = toJson(definitions);
  // Omits the schemas instead of cutting the JSON, which would make it invalid.
  return json.length <= MAX_LENGTH
    ? json
    : toJson(definitions.map((tool) => ({ ...tool, parameters: undefined })));
}

function definitionsOf(tool: unknown): ToolDefinition[] {
  if (!isRecord(tool)) return [];
  // Google: several functions in one tool.
  const declarations = asArray(tool['functionDeclarations']);
  if (declarations.length > 0)
    return declarations.map((declared) => definition('function', asRecord(declared)));
  const declared = tool['function'] ?? tool['toolSpec'];
  if (isRecord(declared)) return [definition('function', declared)];
  const [key, ...others] = Object.keys(tool);
  // Google's built-in tools: { googleSearch: {} }
  const type = asText(tool['type']) ?? (isRecord(tool[key ?? '']) && others.length === 0 ? key : undefined);
  if (type === undefined || type === 'function' || type === 'custom')
    return asText(tool['name']) === undefined ? [] : [definition('function', tool)];
  const shortType = cut(type, 100);
  const name = asText(tool['server_label']) ?? asText(tool['name']) ?? shortType;
  return [{ type: shortType, name, description: undefined, parameters: undefined }];
}

function definition(type: string, declared: UnknownRecord): ToolDefinition {
  return {
    type,
    name: cut(asText(declared['name']) ?? '', 200),
    description: asShortText(declared['description'], MAX_DESCRIPTION_LENGTH),
    parameters: schemaOf(declared),
  };
}

/** Returns the JSON schema of a tool of OpenAI, Anthropic, Bedrock or LangChain. Returns undefined for a live schema object of LangChain. */
function schemaOf(declared: UnknownRecord): UnknownRecord | undefined {
  const given =
    declared['parameters'] ?? declared['input_schema'] ?? declared['inputSchema'] ?? declared['schema'];
  const schema = asRecord(asRecord(given)['json'] ?? given);
  return typeof schema['type'] === 'string' && Object.getPrototypeOf(schema) === Object.prototype
    ? schema
    : undefined;
}
