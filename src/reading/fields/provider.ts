/** Providers whose own name has dots. Other dots separate the API, as the AI SDK writes it: `openai.chat`. */
const DOTTED = /^(?:aws|gcp|azure\.ai|az\.ai|ibm)\./;

/** What some libraries write for the provider although it is their own name. */
const FRAMEWORKS: ReadonlySet<string> = new Set(['strands-agents', 'gcp.vertex.agent', 'langchain']);

/** A provider in lower case and without the API behind a dot; `undefined` for the name of a framework. */
export function normaliseProvider(value: string | undefined): string | undefined {
  const provider = value?.trim().toLowerCase();
  if (!provider || FRAMEWORKS.has(provider)) return undefined;
  const dot = provider.indexOf('.');
  return dot < 1 || DOTTED.test(provider) ? provider : provider.slice(0, dot);
}
