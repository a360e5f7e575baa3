import type { DocumentStore } from '../engines/document-store.js';

/** The document with properties that hold no texts of people, besides those that are known: `{ properties }`. */
export const NUMBERS_PROPERTIES = { kind: 'setting', name: 'numbers-properties' } as const;

/** Returns the properties that somebody has declared to hold no texts. */
export async function readTextFreeProperties(documents: DocumentStore): Promise<ReadonlySet<string>> {
  const document = await documents.get(NUMBERS_PROPERTIES.kind, NUMBERS_PROPERTIES.name);
  const value = document?.value;
  const names =
    typeof value === 'object' && value !== null && 'properties' in value ? value['properties'] : [];
  return new Set(Array.isArray(names) ? names.filter((name) => typeof name === 'string') : []);
}
