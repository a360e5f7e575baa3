import type { OrganizationNumbers } from '../../../audience/organizations.js';
import { drillDown } from '../../browser/location.js';
import { pageSettings } from '../../browser/page-settings.js';
import { formatCosts } from '../../data/cost-text.js';
import { formatCount, formatInteger } from '../../data/format.js';
import { useResource } from '../../data/use-resource.js';
import { EmptyList } from '../../parts/empty-list.js';
import { Link } from '../../parts/link.js';
import { LoadState } from '../../parts/load-state.js';
import type { ViewProps } from '../view-props.js';

const COLUMNS = [
  ['people', 'People'],
  ['prompts', 'Prompts'],
  ['threads', 'Conversations'],
  ['errors', 'Errors'],
  ['totalTokens', 'Tokens'],
] as const;

/** Table of the organizations, or of the values of another property, that match the filters, most people first. */
export function OrganizationList({ feed, params, query, by }: ViewProps & { readonly by: string }) {
  const { value, error, retry } = useResource(
    'organizations',
    `${query}&by=${encodeURIComponent(by)}`,
    feed.changes,
  );
  if (!value) return <LoadState error={error} onRetry={retry} />;
  const { organizations, total, without } = value;
  const property = by === 'organization' ? pageSettings().organizationProperty : by.replace(/^prop\./, '');
  if (total === 0)
    return (
      <EmptyList
        title={`No record has ${property}`}
        text={`Records that have the property ${property} are counted here by its value.`}
        filteredText={`No record with the property ${property} matches all of these filters.`}
      />
    );
  const filter = (name: string): string => drillDown('/people', params, { [`prop.${property}`]: name });
  return (
    <div class="table-box" tabIndex={0} role="region" aria-label="Organizations">
      <table class="people">
        <thead>
          <tr>
            <th scope="col">{property}</th>
            {COLUMNS.map(([name, text]) => (
              <th key={name} scope="col" class="number">
                {text}
              </th>
            ))}
            <th scope="col" class="number">
              Cost
            </th>
          </tr>
        </thead>
        <tbody>
          {organizations.map((one) => (
            <tr key={one.name}>
              <th scope="row">
                <Link href={filter(one.name)}>{one.name}</Link>
              </th>
              <Numbers numbers={one} />
            </tr>
          ))}
          {without && (
            <tr>
              <th scope="row" class="muted">
                without
              </th>
              <Numbers numbers={without} />
            </tr>
          )}
        </tbody>
      </table>
      {total > organizations.length && (
        <p class="more muted">
          {formatCount(total - organizations.length, 'more is', 'more are')} not shown.
        </p>
      )}
    </div>
  );
}

function Numbers({ numbers }: { readonly numbers: OrganizationNumbers }) {
  const { cost, pricedCalls, unpricedCalls } = numbers;
  const costs = { cost: cost ?? 0, pricedCalls: pricedCalls ?? 0, unpricedCalls: unpricedCalls ?? 0 };
  return (
    <>
      {COLUMNS.map(([name]) => (
        <td key={name} class="number">
          {formatInteger(numbers[name] ?? 0)}
        </td>
      ))}
      <td class="number">{formatCosts(costs)}</td>
    </>
  );
}
