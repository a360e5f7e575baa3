import { useState } from 'preact/hooks';
import type { UserSummary } from '../../../engines/memory/list-users.js';
import { formatFullTime, formatInteger, formatTime } from '../../data/format.js';
import { useResource } from '../../data/use-resource.js';
import type { ViewProps } from '../view-props.js';
import { Link } from '../../parts/link.js';

interface Column {
  readonly name: string;
  readonly valueOf: (user: UserSummary) => number | string;
  readonly textOf?: (user: UserSummary) => string;
  readonly isNumber?: boolean;
}

interface Sorting {
  readonly column: string;
  readonly descending: boolean;
}

const PERSON = 'Person';

const COLUMNS: readonly Column[] = [
  { name: 'Prompts', valueOf: (user) => user.prompts, isNumber: true },
  { name: 'Conversations', valueOf: (user) => user.threads, isNumber: true },
  { name: 'Errors', valueOf: (user) => user.errors, isNumber: true },
  { name: 'Tokens', valueOf: (user) => user.inputTokens + user.outputTokens, isNumber: true },
  { name: 'First seen', valueOf: (user) => user.firstSeen, textOf: (user) => formatTime(user.firstSeen) },
  { name: 'Last seen', valueOf: (user) => user.lastSeen, textOf: (user) => formatTime(user.lastSeen) },
];

const MAX_SHOWN = 500;

export function PeopleView({ feed, query }: ViewProps) {
  const answer = useResource('users', `${query}&limit=10000`, feed.changes);
  const [sorting, setSorting] = useState<Sorting>({ column: 'Last seen', descending: true });
  if (!answer) return <p class="message muted">Loading …</p>;
  if (answer.users.length === 0)
    return (
      <div class="message">
        <h2>Nobody yet</h2>
        <p class="muted">Everybody who asks something is listed here.</p>
      </div>
    );
  const users = sorted(answer.users, sorting).slice(0, MAX_SHOWN);
  // Names begin at A, numbers and times with the largest; a second click turns it around.
  const sortBy = (column: string): void =>
    setSorting({
      column,
      descending: column === sorting.column ? !sorting.descending : column !== PERSON,
    });
  return (
    <div class="table-box" tabIndex={0} role="region" aria-label="People">
      <table class="people">
        <thead>
          <tr>
            <SortedColumn name={PERSON} sorting={sorting} onSort={sortBy} />
            {COLUMNS.map(({ name, isNumber }) => (
              <SortedColumn
                key={name}
                name={name}
                class={isNumber ? 'number' : ''}
                sorting={sorting}
                onSort={sortBy}
              />
            ))}
            <th scope="col">Models</th>
          </tr>
        </thead>
        <tbody>
          {users.map((user) => (
            <Person key={user.userId} user={user} />
          ))}
        </tbody>
      </table>
      {answer.total > users.length && (
        <p class="muted more">{formatInteger(answer.total - users.length)} more: filter to find them.</p>
      )}
    </div>
  );
}

interface SortedColumnProps {
  readonly name: string;
  readonly class?: string;
  readonly sorting: Sorting;
  readonly onSort: (name: string) => void;
}

function SortedColumn({ name, class: className, sorting, onSort }: SortedColumnProps) {
  const order = sorting.descending ? 'descending' : 'ascending';
  return (
    <th scope="col" class={className} aria-sort={name === sorting.column ? order : undefined}>
      <button type="button" onClick={() => onSort(name)}>
        {name}
      </button>
    </th>
  );
}

function Person({ user }: { readonly user: UserSummary }) {
  const href = new URLSearchParams({ user: user.userId }).toString();
  return (
    <tr>
      <th scope="row">
        <Link href={`/?${href}`}>{user.userId}</Link>
      </th>
      {COLUMNS.map(({ name, valueOf, textOf, isNumber }) => (
        <td
          key={name}
          class={isNumber ? 'number' : 'muted number-left'}
          title={textOf ? formatFullTime(String(valueOf(user))) : undefined}
        >
          {name === 'Conversations' && user.threads > 0 ? (
            <Link href={`/conversations?${href}`}>{formatInteger(user.threads)}</Link>
          ) : (
            (textOf?.(user) ?? formatInteger(Number(valueOf(user))))
          )}
        </td>
      ))}
      <td class="muted">{user.models.join(', ')}</td>
    </tr>
  );
}

function sorted(users: readonly UserSummary[], { column, descending }: Sorting): UserSummary[] {
  const valueOf = COLUMNS.find(({ name }) => name === column)?.valueOf ?? ((user) => user.userId);
  const sign = descending ? -1 : 1;
  return [...users].sort((a, b) => sign * compare(valueOf(a), valueOf(b)));
}

function compare(a: number | string, b: number | string): number {
  return typeof a === 'number' && typeof b === 'number' ? a - b : String(a).localeCompare(String(b));
}
