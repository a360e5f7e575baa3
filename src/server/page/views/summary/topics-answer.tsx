import type { TopicList } from '../../../insights/topics/topic-summary.js';
import type { StoredRecord } from '../../../model/stored-record.js';
import { drillDown } from '../../browser/location.js';
import type { Loaded } from '../../data/use-resource.js';
import { formatCount, formatPercent } from '../../data/format.js';
import { Link } from '../../parts/link.js';
import { AnswerCard, Hint } from './answer-card.js';
import { shareChange } from './share-change.js';
import { visibleText } from '../../data/visible-text.js';

interface TopicsAnswerProps {
  readonly params: URLSearchParams;
  readonly topics: Loaded<TopicList>;
  /** The latest records, for as long as there are too few for topics. */
  readonly records: readonly StoredRecord[];
}

const LISTED = 5;
const LATEST = 3;

/** Answers "What do they actually ask it to do?". */
export function TopicsAnswer({ params, topics: { value, error, retry }, records }: TopicsAnswerProps) {
  return (
    <AnswerCard
      question="What do they ask it to do?"
      answer={value && sentence(value)}
      error={error}
      onRetry={retry}
      explanations={[
        { name: 'All topics', href: drillDown('/topics', params, {}) },
        { name: 'Conversations', href: drillDown('/conversations', params, {}) },
        { name: 'Requests', href: drillDown('/', params, { kind: 'prompt' }) },
      ]}
    >
      {value && value.topics.length > 0 ? (
        <Topics list={value} params={params} />
      ) : (
        <Latest records={records} params={params} />
      )}
    </AnswerCard>
  );
}

function sentence({ topics, other, total }: TopicList): string {
  const [first, second] = topics;
  if (total === 0) return 'Nothing was asked in this time.';
  if (!first) return `${formatCount(total, 'request')}, too few or too different for topics.`;
  const also = second ? `, then “${second.name}” (${formatPercent(second.share, 1)})` : '';
  return `Most often about “${first.name}” (${formatPercent(first.share, 1)} of conversations)${also}. ${formatPercent(other.share, 1)} have no topic.`;
}

function Topics({ list, params }: { readonly list: TopicList; readonly params: URLSearchParams }) {
  const topics = list.topics.slice(0, LISTED);
  const most = topics[0]?.share ?? 1;
  return (
    <ul class="bar-list">
      {topics.map(({ id, name, share, before, score }) => (
        <li key={id}>
          <span class="bar" style={{ width: `${(100 * share) / most}%` }} />
          <Link href={drillDown('/', params, { topic: id })} title={name}>
            {name}
          </Link>
          <span class="number">
            {formatPercent(share, 1)}{' '}
            {before && score !== null && (
              <span class="change muted">
                {before.requests === 0 ? 'new' : shareChange(before.share, score)}
              </span>
            )}
          </span>
        </li>
      ))}
    </ul>
  );
}

/** Latest questions, shown while there are too few texts for topics. */
function Latest({
  records,
  params,
}: {
  readonly records: readonly StoredRecord[];
  readonly params: URLSearchParams;
}) {
  const prompts = records.flatMap((record) => (record.kind === 'prompt' ? [record] : [])).slice(0, LATEST);
  return (
    <>
      {prompts.length > 0 && (
        <ul class="latest">
          {prompts.map(({ id, prompt }) => (
            <li key={id}>
              <Link href={drillDown('/', params, { record: id })}>{visibleText(prompt.slice(0, 200))}</Link>
            </li>
          ))}
        </ul>
      )}
      <Hint>
        Topics need at least 20 texts, several of them about the same. Your own topics are found in any
        number.
      </Hint>
    </>
  );
}
