/** Providers with a dot in their name. In other names the dot separates the API, as in the AI SDK's `openai.chat`. */
const DOTTED = /^(?:aws|gcp|azure\.ai|az\.ai|ibm)\./;

/** Host names, which some libraries write in place of the provider: `api.openai.com`, `127.0.0.1:8080`. */
const HOST =
  /^(?:\[[\da-f:]+\]|localhost|[\w-]+(?:\.[\w-]+)*\.(?:com|ai|cloud|net|io|dev|org|xyz|co|app|run|local|\d{1,3}))(?::\d+)?$/;

/** Providers by the end of their host name, where the name before the top-level domain is not theirs. */
const PROVIDER_OF_HOST: readonly (readonly [end: string, provider: string])[] = [
  ['openai.azure.com', 'azure.ai.openai'],
  ['services.ai.azure.com', 'azure.ai.inference'],
  ['amazonaws.com', 'aws.bedrock'],
  ['aiplatform.googleapis.com', 'gcp.vertex_ai'],
  ['googleapis.com', 'gcp.gemini'],
  ['api.mistral.ai', 'mistral_ai'],
  ['api.x.ai', 'x_ai'],
];

/** Returns the provider of a host, or `undefined` for an address or a host of the user's own network. */
function providerOfHost(host: string): string | undefined {
  const name = host.replace(/:\d+$/, '');
  const known = PROVIDER_OF_HOST.find(([end]) => name.endsWith(end));
  if (known) return known[1];
  const labels = name.split('.');
  return labels.length < 2 || /^(?:\d+|local)$/.test(labels.at(-1) ?? '') ? undefined : labels.at(-2);
}

/** Names of frameworks, which some libraries write in place of the provider. */
const FRAMEWORKS: ReadonlySet<string> = new Set(['strands-agents', 'gcp.vertex.agent', 'langchain']);

/** Returns the provider in lower case without the API behind a dot, or `undefined` for the name of a framework or an address. */
export function normaliseProvider(value: string | undefined): string | undefined {
  const name = value?.trim().toLowerCase();
  const provider = name?.startsWith('http') ? name.replace(/^https?:\/\/([^/]+).*$/, '$1') : name;
  if (!provider || FRAMEWORKS.has(provider)) return undefined;
  const dot = provider.indexOf('.');
  if (dot < 1) return provider.startsWith('localhost') ? undefined : provider;
  if (DOTTED.test(provider)) return provider;
  return HOST.test(provider) ? providerOfHost(provider) : provider.slice(0, dot);
}
