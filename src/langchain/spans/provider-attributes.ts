import type { Attributes } from '@opentelemetry/api';
import { ATTR_SERVER_ADDRESS, ATTR_SERVER_PORT } from '../../common/semconv.js';
import { asArray, asRecord, asText, cut, isRecord, type UnknownRecord } from '../../common/unknown-values.js';

/** LangChain's `ls_provider`, and the package segment of a serialised id, to the names of the conventions. */
const PROVIDERS: ReadonlyMap<string, string> = new Map([
  ['azure', 'azure.ai.openai'],
  ['azure_openai', 'azure.ai.openai'],
  ['google', 'gcp.gemini'],
  ['google_genai', 'gcp.gemini'],
  ['googlegenerativeai', 'gcp.gemini'],
  ['google_vertexai', 'gcp.vertex_ai'],
  ['vertexai', 'gcp.vertex_ai'],
  ['mistral', 'mistral_ai'],
  ['mistralai', 'mistral_ai'],
  ['amazon_bedrock', 'aws.bedrock'],
  ['bedrock', 'aws.bedrock'],
  ['chat_bedrock_converse', 'aws.bedrock'],
  ['xai', 'x_ai'],
  ['watsonx', 'ibm.watsonx.ai'],
  ['ibm', 'ibm.watsonx.ai'],
]);

/** What was found for what LangChain says, in whatever case: an application has few providers. */
const names = new Map<string, string>();
const MAX_NAMES = 100;
const MAX_NAME_LENGTH = 200;

/** The value of `gen_ai.provider.name`: from `ls_provider` of the metadata, else from the class of the model. */
export function providerName(lsProvider: unknown, serialized: unknown): string {
  // ["langchain", "chat_models", "deepseek", "ChatDeepSeek"]
  const [namespace, , packageName] = asArray(asRecord(serialized)['id']);
  const stated = asText(lsProvider);
  // Many providers have OpenAI's API, and their classes inherit its name with it.
  const inherited = stated === 'openai' && namespace === 'langchain' ? asText(packageName) : undefined;
  const given = inherited ?? stated ?? asText(packageName);
  if (given === undefined) return '_OTHER';
  const known = names.get(given);
  if (known !== undefined) return known;
  const lowerCase = cut(given, MAX_NAME_LENGTH).toLowerCase();
  const name = PROVIDERS.get(lowerCase) ?? lowerCase;
  if (names.size < MAX_NAMES) names.set(given, name);
  return name;
}

/** Adds `server.address` and `server.port`, where the model was configured with a URL. */
export function addServer(attributes: Attributes, serialized: unknown): void {
  const kwargs = asRecord(asRecord(serialized)['kwargs']);
  const { configuration } = kwargs;
  const url = (isRecord(configuration) ? baseUrl(configuration) : undefined) ?? baseUrl(kwargs);
  if (url !== undefined) Object.assign(attributes, addressOf(url));
}

function baseUrl(source: UnknownRecord): string | undefined {
  const { base_url, baseURL, baseUrl, anthropic_api_url, server_url, azure_endpoint, endpoint } = source;
  return (
    asText(base_url) ??
    asText(baseURL) ??
    asText(baseUrl) ??
    asText(anthropic_api_url) ??
    asText(server_url) ??
    asText(azure_endpoint) ??
    asText(endpoint)
  );
}

/** Parsing a URL costs more than all other attributes, and an application has few of them. */
const addresses = new Map<string, Attributes>();
const MAX_ADDRESSES = 50;

function addressOf(url: string): Attributes {
  const known = addresses.get(url);
  if (known) return known;
  const attributes = parseAddress(url);
  if (addresses.size < MAX_ADDRESSES) addresses.set(url, attributes);
  return attributes;
}

function parseAddress(text: string): Attributes {
  try {
    const url = new URL(text.includes('://') ? text : `https://${text}`);
    const port = Number(url.port) || (url.protocol === 'https:' ? 443 : 80);
    return { [ATTR_SERVER_ADDRESS]: url.hostname, [ATTR_SERVER_PORT]: port };
  } catch {
    return {};
  }
}
