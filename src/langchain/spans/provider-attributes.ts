import type { Attributes } from '@opentelemetry/api';
import { ATTR_SERVER_ADDRESS, ATTR_SERVER_PORT } from '../../common/semconv.js';
import { environmentVariable } from '../../common/options/environment.js';
import { asText, cut, isRecord, type UnknownRecord } from '../../common/unknown-values.js';
import { classNameOf, classPathOf, kwargsOf } from '../messages/serialized.js';

/** `ls_provider`, or the package in a serialised id → `gen_ai.provider.name` of the conventions. */
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

const MAX_NAME_LENGTH = 200;

/** Results that are remembered. An application has few providers and few URLs. */
const MAX_REMEMBERED = 100;

/** Returns the name of the conventions for an `ls_provider` or package in any case. */
const nameOf = remembered((given: string) => {
  const lowerCase = cut(given, MAX_NAME_LENGTH).toLowerCase();
  return PROVIDERS.get(lowerCase) ?? lowerCase;
});

/** Returns the server attributes of a URL. Parsing it is slow. */
const addressOf = remembered((text: string): Attributes => {
  try {
    const url = new URL(text.includes('://') ? text : `https://${text}`);
    const port = Number(url.port) || (url.protocol === 'https:' ? 443 : 80);
    return { [ATTR_SERVER_ADDRESS]: url.hostname, [ATTR_SERVER_PORT]: port };
  } catch {
    return {};
  }
});

/** Returns `gen_ai.provider.name`: from `ls_provider` in the metadata, else from the package of the model's class. */
export function providerName(lsProvider: unknown, serialized: unknown): string {
  // ["langchain", "chat_models", "deepseek", "ChatDeepSeek"]
  const { 0: namespace, 2: packageName } = classPathOf(serialized);
  // The completion model of Azure has neither `ls_provider` nor a package of its own.
  const stated = asText(lsProvider) ?? (isAzure(serialized) ? 'azure' : undefined);
  // Classes of OpenAI-compatible providers extend ChatOpenAI and inherit its `ls_provider`.
  const inherited = stated === 'openai' && namespace === 'langchain' ? asText(packageName) : undefined;
  const given = inherited ?? stated ?? asText(packageName);
  return given === undefined ? '_OTHER' : nameOf(given);
}

/**
 * Returns the deployment that an Azure model calls: the model that it names is often the default of its base class. Undefined for other
 * models.
 */
export function azureDeployment(serialized: unknown): string | undefined {
  if (!isAzure(serialized)) return undefined;
  const { deployment_name, azure_open_ai_api_deployment_name } = kwargsOf(serialized);
  return (
    asText(deployment_name) ??
    asText(azure_open_ai_api_deployment_name) ??
    environmentVariable('AZURE_OPENAI_API_DEPLOYMENT_NAME')
  );
}

function isAzure(serialized: unknown): boolean {
  return classNameOf(serialized)?.startsWith('Azure') === true;
}

/** Adds `server.address` and `server.port` if the model was configured with a URL. */
export function addServer(attributes: Attributes, serialized: unknown): void {
  const kwargs = kwargsOf(serialized);
  const { configuration } = kwargs;
  const url =
    (isRecord(configuration) ? baseUrl(configuration) : undefined) ??
    baseUrl(kwargs) ??
    azureInstance(kwargs['azure_open_ai_api_instance_name']);
  if (url !== undefined) Object.assign(attributes, addressOf(url));
}

function baseUrl(source: UnknownRecord): string | undefined {
  const {
    base_url,
    baseURL,
    baseUrl,
    anthropic_api_url,
    server_url,
    azure_endpoint,
    endpoint,
    openai_api_base,
  } = source;
  return (
    asText(base_url) ??
    asText(baseURL) ??
    asText(baseUrl) ??
    asText(anthropic_api_url) ??
    asText(server_url) ??
    asText(azure_endpoint) ??
    asText(endpoint) ??
    asText(openai_api_base)
  );
}

function azureInstance(name: unknown): string | undefined {
  const instance = asText(name);
  return instance === undefined ? undefined : `https://${instance}.openai.azure.com`;
}

/** Returns a function that computes each of its first results once. */
function remembered<T extends {}>(compute: (text: string) => T): (text: string) => T {
  const results = new Map<string, T>();
  return (text) => {
    const known = results.get(text);
    if (known !== undefined) return known;
    const result = compute(text);
    if (results.size < MAX_REMEMBERED) results.set(text, result);
    return result;
  };
}
