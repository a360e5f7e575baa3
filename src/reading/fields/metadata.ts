import type { NamedAttributes } from '../model/attributes.js';
import { decode } from '../decoding/decode.js';

/** Names that a call has members for. They are not repeated as metadata. */
const IDENTITY = /^(?:langfuse_?)?(?:user|thread|session|conversation|chat)_?\.?(?:id)$|^tags$/i;

/** Names that LangChain, LangSmith and rewriters add to the user's metadata: settings, counts and the system prompt. */
const NOT_OWN = /^(?:ls_|LANGSMITH_|LANGCHAIN_|gen_ai\.|usage_metadata$)/;

/** Reads the user's own metadata from attributes with one of the prefixes, which are removed. Earlier prefixes win. */
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

/** Returns the metadata without names that the call has members for, and without those that libraries add. */
export function ownMetadata(metadata: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(metadata).filter(([name]) => isOwnName(name)));
}

function isOwnName(name: string): boolean {
  return name !== '' && name !== '__proto__' && !IDENTITY.test(name) && !NOT_OWN.test(name);
}
