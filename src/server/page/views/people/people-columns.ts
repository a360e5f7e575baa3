import type { UserSummary } from '../../../model/lists.js';
import { formatCosts } from '../../data/cost-text.js';
import { formatTime } from '../../data/format.js';

export interface PeopleColumn {
  readonly name: string;
  readonly valueOf: (user: UserSummary) => number | string;
  readonly textOf?: (user: UserSummary) => string;
  readonly isNumber?: boolean;
}

export interface Sorting {
  readonly column: string;
  readonly descending: boolean;
}

/** Name of the first column, the user id. */
export const PERSON = 'Person';

/** Columns between the user id and the models, in order. `textOf` is the text if it is not the plain number. */
export const PEOPLE_COLUMNS: readonly PeopleColumn[] = [
  { name: 'Prompts', valueOf: (user) => user.prompts, isNumber: true },
  { name: 'Conversations', valueOf: (user) => user.threads, isNumber: true },
  { name: 'Errors', valueOf: (user) => user.errors, isNumber: true },
  { name: 'Tokens', valueOf: (user) => user.totalTokens, isNumber: true },
  { name: 'Cost', valueOf: (user) => user.cost, textOf: formatCosts, isNumber: true },
  { name: 'First seen', valueOf: (user) => user.firstSeen, textOf: (user) => formatTime(user.firstSeen) },
  { name: 'Last seen', valueOf: (user) => user.lastSeen, textOf: (user) => formatTime(user.lastSeen) },
];

export function sortPeople(users: readonly UserSummary[], { column, descending }: Sorting): UserSummary[] {
  const valueOf =
    PEOPLE_COLUMNS.find(({ name }) => name === column)?.valueOf ?? ((user) => user.name ?? user.userId);
  const sign = descending ? -1 : 1;
  return [...users].sort((a, b) => sign * compare(valueOf(a), valueOf(b)));
}

function compare(a: number | string, b: number | string): number {
  return typeof a === 'number' && typeof b === 'number' ? a - b : String(a).localeCompare(String(b));
}
