import { formatCount, formatPercent } from '../../model/measure/format-numbers.js';
import type { TopicList, TopicSummary } from '../topics/topic-summary.js';
import { relativeText } from './change-text.js';
import type { ReportRow, ReportSection } from './report.js';

/** Topics that are listed. */
const MAX_TOPICS = 10;
/** Topics that the answer names. */
const NAMED = 3;

const QUESTION = 'What do they actually ask it to do?';

/** @param list undefined if the reader may not see texts */
export function topicsSection(list: TopicList | undefined): ReportSection {
  if (!list)
    return { question: QUESTION, answer: 'This token shows numbers, and no texts.', tables: [], notes: [] };
  const topics = list.topics.slice(0, MAX_TOPICS);
  const names = topics.slice(0, NAMED).map(({ name, share }) => `“${name}” (${formatPercent(share, 1)})`);
  const none =
    list.total === 0 ? 'Nothing was asked.' : 'No topics were found: some 20 prompts alike are needed.';
  return {
    question: QUESTION,
    answer: names.length === 0 ? none : `Most conversations are about ${names.join(', ')}.`,
    tables: topics.length === 0 ? [] : [{ title: 'Topics', rows: topics.map(toRow) }],
    notes:
      list.sampled < list.total
        ? [`Found in a sample of ${list.sampled} of ${formatCount(list.total, 'request')}.`]
        : [],
  };
}

function toRow({ name, conversations, people, share, before, errors }: TopicSummary): ReportRow {
  const failed = errors > 0 ? `, ${formatCount(errors, 'error')}` : '';
  return {
    name,
    value: `${formatCount(conversations, 'conversation')} (${formatPercent(share, 1)}), ${formatCount(people, 'person', 'people')}${failed}`,
    change: changeOfShare(share, before),
    judgement: null,
  };
}

/** The sample of each period may be of another size: shares are compared, and not numbers. */
function changeOfShare(share: number, before: TopicSummary['before']): string {
  if (!before) return '';
  if (before.requests === 0) return 'new';
  const earlier = ` (${formatPercent(before.share, 1)})`;
  if (share === before.share) return `same${earlier}`;
  return `${relativeText(100 * (share - before.share), 'points')}${earlier}`;
}
