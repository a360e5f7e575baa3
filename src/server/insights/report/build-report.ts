import { formatCount } from '../../model/measure/format-numbers.js';
import type { Period } from '../compare/compared-periods.js';
import type { Summary } from '../summary/summary.js';
import type { TopicList } from '../topics/topic-summary.js';
import { changesSection } from './changes-section.js';
import { costSection } from './cost-section.js';
import { outcomesSection } from './outcomes-section.js';
import { peopleSection } from './people-section.js';
import type { Report } from './report.js';
import { topicsSection } from './topics-section.js';

export interface ReportData {
  readonly summary: Summary;
  /** Undefined for readers who may not see texts. */
  readonly topics: TopicList | undefined;
  /** Records of internal traffic that were left out. */
  readonly hidden: number;
  /** Source of the records: an address or a file. */
  readonly source: string;
  /** Filters in the words of the URL; empty without any. */
  readonly filters: string;
}

/** Writes the answers to the five questions as a report. */
export function buildReport({ summary, topics, hidden, source, filters }: ReportData): Report {
  const { periods, timeZone } = summary;
  const about = [
    ...(periods
      ? [
          `${intervalText(periods.current, timeZone)}, compared with ${intervalText(periods.before, timeZone)} (${timeZone})`,
        ]
      : []),
    `Records of ${source}`,
    ...(filters === '' ? [] : [`Filters: ${filters}`]),
    ...(hidden > 0 ? [`Internal traffic is left out: ${formatCount(hidden, 'record')}`] : []),
  ];
  return {
    title: 'Trubrics report',
    about,
    sections: [
      peopleSection(summary),
      topicsSection(topics),
      outcomesSection(summary.outcomes),
      costSection(summary.cost),
      changesSection(summary.changes),
    ],
  };
}

/** Returns a period by the clock of a time zone: days alone if it is made of whole days, of which the last is included. */
export function intervalText({ from, to }: Period, timeZone: string): string {
  const day = new Intl.DateTimeFormat('en-GB', { timeZone, day: 'numeric', month: 'short', year: 'numeric' });
  const clock = new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit' });
  // A day begins at midnight or, where clocks are set forward over it, at another time.
  const isWhole = [from, to].every((time) => day.format(time) !== day.format(time - 1));
  const [first, last] = [day.format(from), day.format(to - 1)];
  if (isWhole) return first === last ? first : `${first} – ${last}`;
  return `${first}, ${clock.format(from)} – ${day.format(to)}, ${clock.format(to)}`;
}
