import type { NamedAttributes } from '../model/attributes.js';
import { decode } from '../decoding/decode.js';

/** Known under names of their own in a call: not repeated as metadata. */
const IDENTITY = /^(?:langfuse_?)?(?:user|thread|session|conversation|chat)_?\.?(?:id)$|^tags$/i;

/** Written among the user's metadata by LangChain, LangSmith and rewriters: settings, counts and the system prompt. */
const NOT_OWN = /^(?:ls_|LANGSMITH_|LANGCHAIN_|gen_ai\.|usage_metadata$)/;

/** The user's own metadata from attributes that share a prefix, under its own names. Earlier prefixes win. */
export function readMetadata(
  { attributes, names }: NamedAttributes,
  ...prefixes: readonly string[]
): Readonly<Record<string, unknown>> {
  const metadata: Record<string, unknown> = {};
  for (const prefix of prefixes) {
    for (const key of names) {
      if (!key.startsWith(prefix)) continue;
      const name = key.slice(prefix.length);
      if (isOwnName(name) && !Object.hasOwn(metadata, name)) metadata[name] = decode(attributes[key]).value;
    }
  }
  return metadata;
}

/** A metadata object without what the call knows under names of its own. */
export function ownMetadata(metadata: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(metadata).filter(([name]) => isOwnName(name)));
}

function isOwnName(name: string): boolean {
  return name !== '' && name !== '__proto__' && !IDENTITY.test(name) && !NOT_OWN.test(name);
}
