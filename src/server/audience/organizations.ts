import type { RecordStore } from '../engines/record-store.js';
import type { MeasuredGroup, MeasuredValues } from '../model/measure/measure-answer.js';
import type { PropertyDimension } from '../model/measure/dimensions.js';
import type { RecordQuery } from '../query/record-query.js';

const MEASURES = [
  'people',
  'prompts',
  'requests',
  'errors',
  'threads',
  'inputTokens',
  'outputTokens',
  'totalTokens',
  'cost',
  'pricedCalls',
  'unpricedCalls',
] as const;

/** Numbers of an organization, as `GET /api/users` has them for a person. `cost` is null if no call has a price. */
export type OrganizationNumbers = { readonly [Name in (typeof MEASURES)[number]]: number | null };

export interface Organization extends OrganizationNumbers {
  readonly name: string;
}

export interface OrganizationList {
  /** Most people first. */
  readonly organizations: readonly Organization[];
  /** Number of organizations, listed or not. */
  readonly total: number;
  /** Numbers of the records without an organization; null if there are none. */
  readonly without: OrganizationNumbers | null;
}

/** Returns the organizations that occur in the records that match, at most `limit`. */
export async function listOrganizations(
  store: RecordStore,
  query: RecordQuery,
  by: PropertyDimension,
  limit: number,
): Promise<OrganizationList> {
  const groups = await readGroups(store, query, by, limit);
  const nameless = groups.find(({ name }) => name === null);
  const organizations = groups.flatMap(({ name, ...values }) =>
    name === null ? [] : [{ name, ...numbersOf(values) }],
  );
  return {
    organizations: organizations.slice(0, limit),
    total: organizations.length,
    without: nameless ? numbersOf(nameless) : null,
  };
}

/** All groups: among those that are cut off could be the one without a name. */
async function readGroups(
  store: RecordStore,
  query: RecordQuery,
  by: PropertyDimension,
  limit: number,
): Promise<readonly MeasuredGroup[]> {
  const request = { measures: MEASURES, by, limit: limit + 1 };
  const { groups, groupCount } = await store.measure(query, request);
  if (groups.length === groupCount) return groups;
  return (await store.measure(query, { ...request, limit: groupCount })).groups;
}

function numbersOf({ values }: MeasuredValues): OrganizationNumbers {
  return Object.fromEntries(
    MEASURES.map((name, index) => [name, values[index] ?? null]),
  ) as unknown as OrganizationNumbers;
}
