import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import type { UserSummary } from '../../../model/lists.js';
import { formatFullTime, formatInteger } from '../../data/format.js';
import { drillDown } from '../../browser/location.js';
import { useNewRowFocus } from '../../browser/use-new-row-focus.js';
import { useResource } from '../../data/use-resource.js';
import type { ViewProps } from '../view-props.js';
import { CoveredTime } from '../../parts/covered-time.js';
import { Link } from '../../parts/link.js';
import { EmptyList } from '../../parts/empty-list.js';
import { LoadState } from '../../parts/load-state.js';
import { PEOPLE_COLUMNS, PERSON, sortPeople, type Sorting } from './people-columns.js';
import { visibleText } from '../../data/visible-text.js';

/** People that are shown at first, and by each click on "Show more". */
const STEP = 500;
/** Most people that the server lists: the latest active. All of them are sorted. */
const MAX_PEOPLE = 10_000;

/** Views that list what a column counts. The name leads to the page of the person. */
const LISTS: Readonly<Record<string, string>> = { Prompts: '/', Conversations: '/conversations' };

interface PeopleListProps extends ViewProps {
  /** Shown below the table, once there is one: the list alone says why there is none. */
  readonly below?: ComponentChildren;
}

/** Table of all users that match the filters, sorted by any column. */
export function PeopleList({ feed, params, query, below }: PeopleListProps) {
  const {
    value: response,
    error,
    retry,
  } = useResource('users', `${query}&limit=${MAX_PEOPLE}`, feed.changes);
  const [sorting, setSorting] = useState<Sorting>({ column: 'Last seen', descending: true });
  const [limit, setLimit] = useState(STEP);
  const shown = Math.min(limit, response?.users.length ?? 0);
  const [list, withFocus] = useNewRowFocus<HTMLTableSectionElement>();
  if (!response) return <LoadState error={error} onRetry={retry} />;
  if (response.users.length === 0)
    return (
      <EmptyList
        title="Nobody yet"
        text="Everybody who asks something or gives feedback is listed here."
        filteredText="Nobody has a record that matches all of these filters."
      />
    );
  const users = sortPeople(response.users, sorting).slice(0, shown);
  const hidden = response.total - users.length;
  const canShow = Math.min(STEP, response.users.length - users.length);
  // The first click sorts names from A, numbers and times from the largest. A second click reverses the order.
  const sortBy = (column: string): void =>
    setSorting({
      column,
      descending: column === sorting.column ? !sorting.descending : column !== PERSON,
    });
  return (
    <>
      <div class="table-box" tabIndex={0} role="region" aria-label="People">
        <CoveredTime since={response.since} />
        <table class="people">
          <thead>
            <tr>
              <SortedColumn name={PERSON} sorting={sorting} onSort={sortBy} />
              {PEOPLE_COLUMNS.map(({ name, isNumber }) => (
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
          <tbody ref={list}>
            {users.map((user) => (
              <Person key={user.userId} user={user} params={params} />
            ))}
          </tbody>
        </table>
        {hidden > 0 && (
          <p class="more">
            {canShow > 0 && (
              <button type="button" onClick={withFocus(() => setLimit(limit + STEP))}>
                Show {formatInteger(canShow)} more
              </button>
            )}
            <span class="muted">
              {' '}
              {formatInteger(hidden)} are not shown{canShow === 0 && ': filter to find them'}.
            </span>
          </p>
        )}
      </div>
      {below}
    </>
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

function Person({ user, params }: { readonly user: UserSummary; readonly params: URLSearchParams }) {
  const linkTo = (path: string): string => drillDown(path, params, { user: user.userId });
  return (
    <tr>
      <th scope="row" title={user.userId}>
        <Link href={linkTo('/people')}>{visibleText(user.name ?? '', user.userId)}</Link>
        {user.name !== undefined && <span class="muted person-id"> {user.userId}</span>}
      </th>
      {PEOPLE_COLUMNS.map(({ name, valueOf, textOf, isNumber }) => (
        <td
          key={name}
          class={isNumber ? 'number' : 'muted number-left'}
          title={textOf && !isNumber ? formatFullTime(String(valueOf(user))) : undefined}
        >
          {name in LISTS && Number(valueOf(user)) > 0 ? (
            <Link href={linkTo(LISTS[name] ?? '/')}>{formatInteger(Number(valueOf(user)))}</Link>
          ) : (
            (textOf?.(user) ?? formatInteger(Number(valueOf(user))))
          )}
        </td>
      ))}
      <td class="muted" title={user.models.join(', ')}>
        {user.models.join(', ')}
      </td>
    </tr>
  );
}
