import { isShown } from '../../browser/shown-paths.js';
import { useResource } from '../../data/use-resource.js';
import { ComparedNote } from '../../comparison/compared-note.js';
import { EmptyState } from '../../parts/empty-state.js';
import type { ViewProps } from '../view-props.js';
import type { AnswerProps } from './answer-card.js';
import { ChangesAnswer } from './changes-answer.js';
import { CostAnswer } from './cost-answer.js';
import { OutcomesAnswer } from './outcomes-answer.js';
import { PeopleAnswer } from './people-answer.js';
import { TopicsAnswer } from './topics-answer.js';
import { timeZone } from '../../browser/time-zone.js';

/** Parameters of the URL that say what is compared with what. */
const COMPARISON = ['against', 'parts', 'period'] as const;

/** The first screen: five questions and their answers. Each answer is a request of its own, and there as soon as it is known. */
export function SummaryView({ feed, params, query, isEmpty }: ViewProps) {
  const request = new URLSearchParams(query);
  for (const name of COMPARISON) if (params.get(name)) request.set(name, params.get(name) ?? '');
  request.set('timezone', timeZone());
  const answer = { params, query: request.toString(), changes: feed.changes };
  const people = useResource('summary', `${answer.query}&part=people`, answer.changes);
  if (isEmpty) return <EmptyState />;
  return (
    <div class="summary">
      {people.value && <ComparedNote periods={people.value.periods} against={params.get('against') ?? ''} />}
      <div class="answers">
        <PeopleAnswer params={params} summary={people} />
        {isShown('/topics') ? (
          <WithTopics {...answer} feed={feed} filters={query} />
        ) : (
          <OutcomesAnswer {...answer} topics={undefined} />
        )}
        <CostAnswer {...answer} />
        <ChangesAnswer {...answer} />
      </div>
    </div>
  );
}

interface WithTopicsProps extends AnswerProps {
  readonly feed: ViewProps['feed'];
  readonly filters: string;
}

/** Topics take seconds: they are not loaded again for each record that arrives. */
function WithTopics({ feed, filters, ...answer }: WithTopicsProps) {
  const topics = useResource('topics', filters, 0);
  return (
    <>
      <TopicsAnswer params={answer.params} topics={topics} records={feed.records} />
      <OutcomesAnswer {...answer} topics={topics.value} />
    </>
  );
}
