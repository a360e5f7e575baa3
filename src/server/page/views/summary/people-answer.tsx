import type { PartialSummary, PeopleFlow, PeopleSummary } from '../../../insights/summary/summary.js';
import { drillDown } from '../../browser/location.js';
import { formatCount, formatInteger, formatPercent } from '../../data/format.js';
import type { Loaded } from '../../data/use-resource.js';
import { Link } from '../../parts/link.js';
import { AnswerCard, Hint } from './answer-card.js';
import { Figure, Figures } from './figures.js';
import { exploreLink } from './links.js';
import { Trend } from './trend.js';

interface PeopleAnswerProps {
  readonly params: URLSearchParams;
  readonly summary: Loaded<PartialSummary>;
}

/** Are people using it, and who comes back or leaves? */
export function PeopleAnswer({ params, summary: { value, error, retry } }: PeopleAnswerProps) {
  const people = value?.people;
  return (
    <AnswerCard
      question="Are people using it, and who comes back or leaves?"
      answer={people && sentence(people)}
      error={error}
      onRetry={retry}
      explanations={[
        { name: 'Who was active when', href: drillDown('/people', params, { show: 'active' }) },
        { name: 'Who came back', href: drillDown('/people', params, { show: 'retention' }) },
        { name: 'What moved', href: exploreLink(params, 'people,requests,threads', 'organization') },
      ]}
    >
      {people && value && (
        <>
          <Figures>
            <Figure name="People" change={people.people} format="count" />
            <Figure name="Requests" change={people.requests} format="count" />
            <Figure name="Conversations" change={people.conversations} format="count" />
          </Figures>
          <Trend
            title="People"
            steps={value.steps}
            values={people.series.people}
            format={(count) => formatCount(count, 'person', 'people')}
          />
          {people.flow && people.people.value !== 0 && <Flow flow={people.flow} />}
          <Nobody people={people} />
          {people.requests.value === 0 && params.get('since') !== '30d' && (
            <Hint>
              <Link href={drillDown('/summary', params, { since: '30d' })}>The last 30 days</Link> may have
              something.
            </Hint>
          )}
        </>
      )}
    </AnswerCard>
  );
}

function sentence({ people, requests, flow }: PeopleSummary): string {
  const [count, asked] = [people.value ?? 0, requests.value ?? 0];
  if (asked === 0) return 'Nobody has asked anything in this time.';
  const requested = `asked ${formatCount(asked, 'time')}`;
  if (count === 0) return `Somebody ${requested}, but no request says who.`;
  const who = `${formatCount(count, 'person', 'people')} ${requested}.`;
  const before = people.before ?? 0;
  if (!flow || before === 0) return who;
  const gone = flow.gone === 0 ? 'none stayed away' : `${formatInteger(flow.gone)} stayed away`;
  return `${who} Of the ${formatInteger(before)} before, ${formatInteger(flow.returning)} came back and ${gone}.`;
}

const PARTS = [
  ['new', 'New'],
  ['returning', 'Came back'],
  ['resurrected', 'Back after a pause'],
] as const satisfies readonly (readonly [keyof PeopleFlow, string])[];

/** Origin of the people of the period, as one bar. */
function Flow({ flow }: { readonly flow: PeopleFlow }) {
  const all = flow.new + flow.returning + flow.resurrected || 1;
  return (
    <div class="shares">
      <span class="shares-bar" aria-hidden="true">
        {PARTS.map(([part]) => (
          <i key={part} data-part={part} style={{ width: `${(100 * flow[part]) / all}%` }} />
        ))}
      </span>
      <ul>
        {PARTS.map(([part, name]) => (
          <li key={part}>
            <i data-part={part} aria-hidden="true" /> {name} <strong>{formatInteger(flow[part])}</strong>
            {part === 'new' && flow.isUncertain && ' (older records are gone: some may not be new)'}
          </li>
        ))}
      </ul>
    </div>
  );
}

/** Says how many requests are of nobody, and how to change that. */
function Nobody({ people: { anonymous, requests } }: { readonly people: PeopleSummary }) {
  const [unknown, asked] = [anonymous.value ?? 0, requests.value ?? 0];
  if (unknown === 0) return null;
  return (
    <Hint>
      {formatPercent(unknown, asked)} of the requests say not who asked: send a user id, <code>user.id</code>{' '}
      on the span or <code>userId</code> of <code>withTrubrics()</code>.
    </Hint>
  );
}
