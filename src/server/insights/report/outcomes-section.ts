import { formatPercent } from '../../model/measure/format-numbers.js';
import type { OutcomeSummary } from '../summary/summary.js';
import { changeRow, formatValue } from './change-text.js';
import type { ReportSection } from './report.js';

/** Did they get it done, and where do they struggle? */
export function outcomesSection(outcomes: OutcomeSummary): ReportSection {
  const { errorRate, badShare, ratedShare, latencyP95, errorTypes } = outcomes;
  const errors = errorTypes.map(({ name, change }) => changeRow(name ?? 'without a type', change, 'count'));
  return {
    question: 'Did they get it done, and where do they struggle?',
    answer: `${failedText(errorRate)} ${ratedText(badShare)}`,
    tables: [
      {
        title: 'Outcome',
        rows: [
          changeRow('Failed requests', errorRate, 'share', 'requests'),
          changeRow('Bad answers', badShare, 'share', 'rated'),
          changeRow('Rated answers', ratedShare, 'share', 'answers'),
          changeRow('95 % answered within', latencyP95, 'seconds'),
        ],
      },
      ...(errors.length > 0 ? [{ title: 'Errors', rows: errors }] : []),
    ],
    notes:
      badShare.n === 0 || badShare.value === null
        ? ['Nobody rated an answer: record thumbs to see which answers fail without an error.']
        : [],
  };
}

function failedText({ value, n }: OutcomeSummary['errorRate']): string {
  if (value === null) return 'Nothing was asked.';
  return value === 0
    ? 'No request failed.'
    : `${formatPercent(value * (n ?? 0), n ?? 0)} of the requests failed.`;
}

function ratedText({ value, n }: OutcomeSummary['badShare']): string {
  if (value === null || n === null) return 'No answer was rated.';
  return `Of ${n} rated answers, ${formatValue(value, 'share')} were bad.`;
}
