import type { NamedAttributes, SpanAttributes } from '../model/attributes.js';
import { decode } from '../decoding/decode.js';
import { rememberNames } from '../model/remember-names.js';

/** Names that a call has members for. They are not repeated as metadata. */
const IDENTITY = /^(?:langfuse_?)?(?:user|thread|session|conversation|chat)_?\.?(?:id)$|^tags$/i;

/** Names that LangChain, LangSmith and rewriters add to the user's metadata: settings, counts and the system prompt. */
const NOT_OWN = /^(?:ls_|LANGSMITH_|LANGCHAIN_|gen_ai\.|usage_metadata$)/;

/** Makes a function that reads the user's own metadata from attributes with one of the prefixes, which are removed. Earlier prefixes win. */
export function metadataReader(
  ...prefixes: readonly string[]
): (view: NamedAttributes) => Readonly<Record<string, unknown>> {
  /** Returns the name that the user gave, without its prefix, or an empty text for an attribute of a library. */
  const ownNameOf = rememberNames((key) => {
    const prefix = prefixes.find((beginning) => key.startsWith(beginning)) ?? key;
    const name = key.slice(prefix.length);
    return isOwnName(name) ? name : '';
  });
  const isFirst = (key: string, name: string, attributes: SpanAttributes): boolean =>
    key === prefixes.map((prefix) => prefix + name).find((other) => attributes[other] !== undefined);
  return ({ attributes, names }) => {
    const metadata: Record<string, unknown> = {};
    for (const key of names) {
      const name = ownNameOf(key);
      if (name === '' || (Object.hasOwn(metadata, name) && !isFirst(key, name, attributes))) continue;
      metadata[name] = decode(attributes[key]).value;
    }
    return metadata;
  };
}

/** Returns the metadata without names that the call has members for, and without those that libraries add. */
export function ownMetadata(metadata: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(metadata).filter(([name]) => isOwnName(name)));
}

function isOwnName(name: string): boolean {
  return name !== '' && name !== '__proto__' && !IDENTITY.test(name) && !NOT_OWN.test(name);
}
