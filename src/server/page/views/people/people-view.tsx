import { pageSettings } from '../../browser/page-settings.js';
import { navigate, withParams } from '../../browser/location.js';
import { ComparedTiles, type ComparedMeasure } from '../../comparison/compared-tiles.js';
import { Link } from '../../parts/link.js';
import type { ViewProps } from '../view-props.js';
import { Timeline } from '../../person/timeline.js';
import { ActivityView } from './activity-view.js';
import { OrganizationButton } from './organization-button.js';
import { OrganizationList } from './organization-list.js';
import { PeopleList } from './people-list.js';
import { RetentionView } from './retention-view.js';

/** Contents of the view, by the parameter `show`. */
const PARTS = [
  ['', 'List'],
  ['active', 'Active'],
  ['retention', 'Retention'],
] as const;

/** Unit that is counted, by the parameter `by`, as in the API. */
const ACTORS = [
  ['', 'People'],
  ['organization', 'Organizations'],
] as const;

const COMPARED: readonly ComparedMeasure[] = [
  ['people', 'People', 'count'],
  ['requests', 'Requests', 'count'],
  ['threads', 'Conversations', 'count'],
  ['cost', 'Cost', 'cost'],
  ['errorRate', 'Errors', 'share'],
];

/** The view “People”: a list, who was active when, and who came back; of people, organizations, or values of another property. */
export function PeopleView(props: ViewProps) {
  const { path, params, query } = props;
  const by = params.get('by') ?? '';
  const [show] = PARTS.find(([part]) => part === params.get('show')) ?? PARTS[0];
  const hrefOf = (part: string): string => {
    const parameters = withParams(new URLSearchParams(query), { by, show: part });
    return `${path}?${parameters.toString()}`;
  };
  return (
    <>
      <div class="subnav">
        <nav aria-label="People">
          {PARTS.map(([part, name]) => (
            <Link key={part} href={hrefOf(part)} current={part === show}>
              {name}
            </Link>
          ))}
        </nav>
        <select
          aria-label="Count"
          value={by}
          onChange={({ currentTarget: { value } }) => navigate(path, withParams(params, { by: value }))}
        >
          {ACTORS.map(([value, name]) => (
            <option key={value} value={value}>
              {name}
            </option>
          ))}
          {!ACTORS.some(([value]) => value === by) && <option value={by}>{by.replace(/^prop\./, '')}</option>}
        </select>
        <PropertyField
          onChoose={(property) => navigate(path, withParams(params, { by: `prop.${property}` }))}
        />
        {by.startsWith('prop.') && !pageSettings().mayNotEdit && (
          <OrganizationButton
            property={by.slice('prop.'.length)}
            onChosen={() => navigate(path, withParams(params, { by: 'organization' }))}
          />
        )}
      </div>
      {show === '' && (
        <ComparedTiles params={params} query={query} changes={props.feed.changes} measures={COMPARED} />
      )}
      {show === 'active' && <ActivityView {...props} by={by} />}
      {show === 'retention' && <RetentionView {...props} by={by} />}
      {show === '' && by === '' && (
        <PeopleList
          {...props}
          below={
            isOnePerson(params) && (
              // Another person is another timeline: the one before must not stand there until it is loaded.
              <Timeline
                key={params.getAll('user').join()}
                params={params}
                query={query}
                changes={props.feed.changes}
              />
            )
          }
        />
      )}
      {show === '' && by !== '' && <OrganizationList {...props} by={by} />}
    </>
  );
}

/** Returns true if a filter names one person, and texts may be shown. */
function isOnePerson(params: URLSearchParams): boolean {
  const users = params.getAll('user').filter((user) => user !== '');
  return users.length === 1 && !pageSettings().numbersOnly;
}

/** Asks for the name of another property to count by. */
function PropertyField({ onChoose }: { readonly onChoose: (property: string) => void }) {
  const choose = (event: SubmitEvent): void => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const property = new FormData(form).get('property');
    if (typeof property === 'string' && property.trim() !== '') onChoose(property.trim());
    form.reset();
  };
  return (
    <form onSubmit={choose}>
      <input
        name="property"
        aria-label="Count by another property"
        placeholder="Another property …"
        autocomplete="off"
        size={16}
      />
    </form>
  );
}
