import { needsTime } from '../../comparison/needs-time.js';
import type { TopicNumbers, TopicSummary } from '../../../insights/topics/topic-summary.js';
import { drillDown } from '../../browser/location.js';
import { ComparedNote } from '../../comparison/compared-note.js';
import { formatCosts } from '../../data/cost-text.js';
import { formatInteger, formatPercent } from '../../data/format.js';
import { useResource } from '../../data/use-resource.js';
import { EmptyList } from '../../parts/empty-list.js';
import { Link } from '../../parts/link.js';
import { LoadState } from '../../parts/load-state.js';
import type { ViewProps } from '../view-props.js';
import { Labels } from './labels.js';
import { timeZone } from '../../browser/time-zone.js';

/** From this score on, a change is hardly chance. */
const SURE = 2;

/** The view “Topics”: what people ask about, most conversations first. It takes seconds: it is not loaded again for each record that arrives. */
export function TopicsView({ params, query }: ViewProps) {
  return (
    <div class="topics-view">
      <Labels params={params} query={query} />
      <Topics params={params} query={query} />
    </div>
  );
}

function Topics({ params, query }: Pick<ViewProps, 'params' | 'query'>) {
  const { request, against, isMissingTime } = comparisonIn(params, query);
  const { value, error, retry } = useResource('topics', request, 0);
  if (!value) return <LoadState error={error} onRetry={retry} />;
  const { topics, other, sampled, total, before, periods } = value;
  if (topics.length === 0)
    return (
      <EmptyList
        title="No topics yet"
        text="At least 20 texts are needed, of which several are about the same."
        filteredText="In the texts that match all of these filters, no topics were found: at least 20 are needed."
      />
    );
  return (
    <>
      <p class="topics-note muted">
        {sampled < total
          ? `Found in ${formatInteger(sampled)} of ${formatInteger(total)} requests, chosen by chance.`
          : `Found in ${formatInteger(total)} requests.`}{' '}
        A conversation can have several topics.
        {(before === null || isMissingTime) && ' Choose a time to compare with the period before.'}
        <button type="button" class="quiet" onClick={retry}>
          Refresh
        </button>
      </p>
      {before && <ComparedNote periods={periods} against={against} />}
      <div class="table-box" tabIndex={0} role="region" aria-label="Topics">
        <table class="people topics">
          <thead>
            <tr>
              <th scope="col">Topic</th>
              {[
                'Share',
                ...(before ? [periods ? 'Before' : 'Compared'] : []),
                'Conversations',
                'People',
                'Errors',
                'Cost',
              ].map((name) => (
                <th key={name} scope="col" class="number">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {topics.map((topic) => (
              <Topic key={topic.id} topic={topic} params={params} isCompared={before !== null} />
            ))}
            <tr>
              <th scope="row" class="muted">
                other
              </th>
              <td class="number">{formatPercent(other.share, 1)}</td>
              {before && <td />}
              <Numbers numbers={other} />
            </tr>
          </tbody>
        </table>
      </div>
    </>
  );
}

/** Returns the request for what the address compares. */
function comparisonIn(params: URLSearchParams, query: string) {
  const against = params.get('against') ?? '';
  const request = new URLSearchParams(query);
  request.set('timezone', timeZone());
  const isTimeless = needsTime(params);
  if (against !== '' && !isTimeless) {
    request.set('against', against);
    request.set('parts', params.get('parts') ?? '');
  }
  return { request: request.toString(), against, isMissingTime: against !== '' && isTimeless };
}

interface TopicProps {
  readonly topic: TopicSummary;
  readonly params: URLSearchParams;
  readonly isCompared: boolean;
}

function Topic({ topic, params, isCompared }: TopicProps) {
  return (
    <tr>
      <th scope="row" title={topic.terms.join(', ')}>
        <Link href={drillDown('/', params, { topic: topic.id })}>{topic.name}</Link>
        {topic.examples[0] && <div class="muted">{topic.examples[0].text}</div>}
      </th>
      <td class="number">{formatPercent(topic.share, 1)}</td>
      {isCompared && <td class="number">{changeOf(topic)}</td>}
      <Numbers numbers={topic} />
    </tr>
  );
}

/** Returns the share of the period before, with an arrow if the change is hardly chance. */
function changeOf({ before, score }: TopicSummary): string {
  if (!before || score === null) return '';
  if (before.requests === 0) return 'new';
  const arrow = score >= SURE ? ' ↑' : score <= -SURE ? ' ↓' : '';
  return formatPercent(before.share, 1) + arrow;
}

function Numbers({ numbers }: { readonly numbers: TopicNumbers }) {
  return (
    <>
      {[numbers.conversations, numbers.people, numbers.errors].map((value, index) => (
        <td key={index} class="number">
          {formatInteger(value)}
        </td>
      ))}
      <td class="number">{formatCosts(numbers)}</td>
    </>
  );
}
