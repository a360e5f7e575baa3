/** Providers with a dot in their name. In other names the dot separates the API, as in the AI SDK's `openai.chat`. */
const DOTTED = /^(?:aws|gcp|azure\.ai|az\.ai|ibm)\./;

/** Names of frameworks, which some libraries write in place of the provider. */
const FRAMEWORKS: ReadonlySet<string> = new Set(['strands-agents', 'gcp.vertex.agent', 'langchain']);

/** Returns the provider in lower case without the API behind a dot, or `undefined` for the name of a framework. */
export function normaliseProvider(value: string | undefined): string | undefined {
  const provider = value?.trim().toLowerCase();
  if (!provider || FRAMEWORKS.has(provider)) return undefined;
  const dot = provider.indexOf('.');
  return dot < 1 || DOTTED.test(provider) ? provider : provider.slice(0, dot);
}
