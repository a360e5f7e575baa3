import type { Attributes } from '@opentelemetry/api';
import { ATTR_SERVER_ADDRESS, ATTR_SERVER_PORT } from '../semconv.js';
import { asArray, asRecord, asText, cut, isRecord, lookUp, type UnknownRecord } from './read.js';

/** LangChain's `ls_provider`, and the package segment of a serialised id, to the names of the conventions. */
const PROVIDERS: Readonly<Record<string, string>> = {
  azure: 'azure.ai.openai',
  azure_openai: 'azure.ai.openai',
  google: 'gcp.gemini',
  google_genai: 'gcp.gemini',
  googlegenerativeai: 'gcp.gemini',
  google_vertexai: 'gcp.vertex_ai',
  vertexai: 'gcp.vertex_ai',
  mistral: 'mistral_ai',
  mistralai: 'mistral_ai',
  amazon_bedrock: 'aws.bedrock',
  bedrock: 'aws.bedrock',
  chat_bedrock_converse: 'aws.bedrock',
  xai: 'x_ai',
  watsonx: 'ibm.watsonx.ai',
  ibm: 'ibm.watsonx.ai',
};

const MAX_NAME_LENGTH = 200;

/** The value of `gen_ai.provider.name`. */
export function providerName(serialized: unknown, metadata: unknown): string {
  // ["langchain", "chat_models", "deepseek", "ChatDeepSeek"]
  const [namespace, , packageName] = asArray(asRecord(serialized)['id']);
  const stated = asText(asRecord(metadata)['ls_provider']);
  // Many providers have OpenAI's API, and their classes inherit its name with it.
  const inherited = stated === 'openai' && namespace === 'langchain' ? asText(packageName) : undefined;
  const name = (inherited ?? stated ?? asText(packageName))?.toLowerCase();
  return name === undefined ? '_OTHER' : (lookUp(PROVIDERS, name) ?? cut(name, MAX_NAME_LENGTH));
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

/** Parsing a URL costs more than the rest of the attributes, and an application has few of them. */
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
