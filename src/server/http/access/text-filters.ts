import { readInternalRule } from '../../audience/internal-traffic.js';
import { internalMode } from '../../audience/read-query.js';
import { segmentQuery } from '../../audience/segments.js';
import { readTextFreeProperties } from '../../audience/text-free-properties.js';
import type { DocumentStore } from '../../engines/document-store.js';
import {
  dimensionOf,
  isPropertyDimension,
  KNOWN_DIMENSIONS,
  propertyOf,
} from '../../model/measure/dimensions.js';
import { nestedQueries, type RecordQuery } from '../../query/record-query.js';

/** Properties with names of things: releases, environments, providers and the like. An intent is made of what somebody has written. */
const KNOWN_PROPERTIES: ReadonlySet<string> = new Set(
  KNOWN_DIMENSIONS.flatMap(({ name, dimension }) =>
    isPropertyDimension(dimension) && name !== 'intent' ? [propertyOf(dimension)] : [],
  ),
);
/** Parameters that name segments. */
const SEGMENTS = ['segment', 'not.segment'] as const;
const PROPERTY_FILTER = /^(?:not\.)?prop\.(.+)$/s;

/**
 * Returns the parameter by which numbers would tell texts, if there is one: a search, a topic, a segment or rule with a search, and the values
 * of a property, as a filter or in groups, unless it is known to hold none. Numbers that are measured of a property are no texts.
 *
 * @param organizationProperty the one that the server was started with
 * @throws BadQueryError
 */
export async function textFilterIn(
  params: URLSearchParams,
  documents: DocumentStore,
  organizationProperty: string | undefined,
): Promise<string | undefined> {
  for (const name of ['q', 'topic'])
    if (params.getAll(name).some((value) => value.trim() !== '')) return name;
  for (const name of SEGMENTS)
    for (const segment of params.getAll(name).filter((value) => value !== ''))
      if (searchesTexts(await segmentQuery(documents, segment))) return `${name}=${segment}`;
  if (internalMode(params) !== 'hide' && (await isInternalByTexts(documents))) return 'internal';
  return (
    (await textPropertyIn(params, documents, organizationProperty)) ??
    againstIn(params, documents, organizationProperty)
  );
}

/** Returns true if the rule of internal traffic searches in texts. */
export async function isInternalByTexts(documents: DocumentStore): Promise<boolean> {
  return (await readInternalRule(documents)).queries.some(searchesTexts);
}

function searchesTexts(query: RecordQuery): boolean {
  return (query.terms ?? []).length > 0 || nestedQueries(query).some(searchesTexts);
}

async function textPropertyIn(
  params: URLSearchParams,
  documents: DocumentStore,
  organizationProperty: string | undefined,
): Promise<string | undefined> {
  const used = [...params].flatMap(([parameter, value]) => {
    const property = propertyIn(parameter, value);
    return property === undefined || KNOWN_PROPERTIES.has(property) ? [] : [{ parameter, value, property }];
  });
  if (used.length === 0) return undefined;
  const allowed = await readTextFreeProperties(documents, organizationProperty);
  const refused = used.find(({ property }) => !allowed.has(property));
  return refused && (refused.parameter === 'by' ? `by=${refused.value}` : refused.parameter);
}

/** Returns the property whose values a parameter asks for. */
function propertyIn(parameter: string, value: string): string | undefined {
  if (parameter !== 'by') return PROPERTY_FILTER.exec(parameter)?.[1];
  const dimension = dimensionOf(value);
  return dimension !== undefined && isPropertyDimension(dimension) ? propertyOf(dimension) : undefined;
}

/** The other side of a comparison has filters of its own. */
async function againstIn(
  params: URLSearchParams,
  documents: DocumentStore,
  organizationProperty: string | undefined,
): Promise<string | undefined> {
  const against = params.get('against') ?? '';
  if (!against.includes('=')) return undefined;
  const filters = new URLSearchParams(against);
  filters.delete('against');
  const refused = await textFilterIn(filters, documents, organizationProperty);
  return refused === undefined ? undefined : `against: ${refused}`;
}
