import { measureAll } from '../engines/measure-all.js';
import type { RecordStore } from '../engines/record-store.js';
import type { MeasuredValues } from '../model/measure/measure-answer.js';
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
  const { groups } = await measureAll(store, query, { measures: MEASURES, by, limit: limit + 1 });
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

function numbersOf({ values }: MeasuredValues): OrganizationNumbers {
  return Object.fromEntries(
    MEASURES.map((name, index) => [name, values[index] ?? null]),
  ) as unknown as OrganizationNumbers;
}
