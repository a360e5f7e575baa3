import { readOrganizationProperty } from './organization-property.js';
import type { DocumentStore } from '../engines/document-store.js';

/** The document with properties that hold no texts of people, besides those that are known: `{ properties }`. */
export const NUMBERS_PROPERTIES = { kind: 'setting', name: 'numbers-properties' } as const;

/**
 * Returns the properties that somebody has declared to hold no texts, and the one that names organizations.
 *
 * @param organizationProperty the one that the server was started with
 */
export async function readTextFreeProperties(
  documents: DocumentStore,
  organizationProperty: string | undefined,
): Promise<ReadonlySet<string>> {
  const [document, organization] = await Promise.all([
    documents.get(NUMBERS_PROPERTIES.kind, NUMBERS_PROPERTIES.name),
    readOrganizationProperty(documents, organizationProperty),
  ]);
  const value = document?.value;
  const names =
    typeof value === 'object' && value !== null && 'properties' in value ? value['properties'] : [];
  const declared = Array.isArray(names) ? names.filter((name) => typeof name === 'string') : [];
  return new Set([...declared, organization]);
}
