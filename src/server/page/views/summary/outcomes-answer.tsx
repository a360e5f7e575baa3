import type { OutcomeSummary } from '../../../insights/summary/summary.js';
import type { TopicList } from '../../../insights/topics/topic-summary.js';
import { drillDown } from '../../browser/location.js';
import { formatCount, formatInteger, formatPercent } from '../../data/format.js';
import { useResource } from '../../data/use-resource.js';
import { Link } from '../../parts/link.js';
import { AnswerCard, Hint, type AnswerProps } from './answer-card.js';
import { Figure, Figures, Ranking } from './figures.js';
import { exploreLink } from './links.js';
import { Trend } from './trend.js';

interface OutcomesAnswerProps extends AnswerProps {
  /** Undefined while they are not known. */
  readonly topics: TopicList | undefined;
}

/** Did they get it done, and where do they struggle? */
export function OutcomesAnswer({ params, query, changes, topics }: OutcomesAnswerProps) {
  const { value, error, retry } = useResource('summary', `${query}&part=outcomes`, changes);
  const outcomes = value?.outcomes;
  return (
    <AnswerCard
      question="Did they get it done, and where do they struggle?"
      answer={outcomes && sentence(outcomes)}
      error={error}
      onRetry={retry}
      explanations={[
        { name: 'Bad answers', href: drillDown('/', params, { rating: 'bad' }) },
        { name: 'Failed requests', href: drillDown('/', params, { error: 'true' }) },
        { name: 'By model', href: exploreLink(params, 'errorRate,badShare,latencyP95,requests', 'model') },
      ]}
    >
      {outcomes && value && (
        <>
          <Figures>
            <Figure name="Failed" change={outcomes.errorRate} format="share" of="requests" />
            <Figure name="Bad answers" change={outcomes.badShare} format="share" of="rated" />
            <Figure name="95 % answered in" change={outcomes.latencyP95} format="seconds" />
          </Figures>
          <Trend
            title="Failed requests"
            steps={value.steps}
            values={outcomes.series.errorRate}
            format={(share) => formatPercent(share, 1)}
          />
          <Ranking
            title="Why requests failed"
            entries={outcomes.errorTypes.slice(0, 2)}
            format="count"
            nameless="no type"
            hrefOf={(name) => drillDown('/', params, { error: 'true', 'prop.error_type': name })}
          />
          <Struggles topics={topics} params={params} />
          {outcomes.badShare.n === 0 && (outcomes.ratedShare.n ?? 0) > 0 && (
            <Hint>
              Nobody has rated an answer. Thumbs of your users say whether they got it done: send them with{' '}
              <code>trackFeedback()</code>.
            </Hint>
          )}
        </>
      )}
    </AnswerCard>
  );
}

function sentence({ errorRate, badShare, ratedShare }: OutcomeSummary): string {
  const [asked, rated] = [errorRate.n ?? 0, badShare.n ?? 0];
  if (asked === 0) return 'Nothing was asked in this time.';
  const failed = Math.round((errorRate.value ?? 0) * asked);
  const answers =
    failed === 0
      ? asked === 1
        ? 'The request was answered.'
        : `All ${formatCount(asked, 'request')} were answered.`
      : `${formatInteger(failed)} of ${formatCount(asked, 'request')} failed.`;
  if (rated === 0) return answers;
  const bad = Math.round((badShare.value ?? 0) * rated);
  const share = formatPercent(ratedShare.value ?? 0, 1);
  return `${answers} ${bad === 0 ? 'None' : formatInteger(bad)} of the ${formatCount(rated, 'rated answer')} ${bad === 1 ? 'is' : 'are'} bad; ${share} of all answers are rated.`;
}

/** The topics with the largest share of errors. */
function Struggles({
  topics,
  params,
}: {
  readonly topics: TopicList | undefined;
  readonly params: URLSearchParams;
}) {
  const failing = (topics?.topics ?? [])
    .filter(({ errors }) => errors > 0)
    .toSorted((a, b) => b.errors / b.requests - a.errors / a.requests)
    .slice(0, 1);
  if (failing.length === 0) return null;
  return (
    <section class="ranking">
      <h3>Where most requests fail</h3>
      <ul class="bar-list">
        {failing.map(({ id, name, errors, requests }) => (
          <li key={id}>
            <span class="bar" style={{ width: `${(100 * errors) / requests}%` }} />
            <Link href={drillDown('/', params, { topic: id, error: 'true' })} title={name}>
              {name}
            </Link>
            <span class="number">
              {formatPercent(errors, requests)} of {formatInteger(requests)}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
