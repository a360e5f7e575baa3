import { formatCount } from '../../model/measure/format-numbers.js';
import type { MeasureSteps } from '../../model/measure/measure-answer.js';
import type { PeopleFlow, Summary } from '../summary/summary.js';
import { changeRow } from './change-text.js';
import type { ReportBars, ReportSection } from './report.js';

/** Are people using it, and who comes back or leaves? */
export function peopleSection({ people: summary, steps, timeZone }: Summary): ReportSection {
  const { people, requests, conversations, anonymous, flow } = summary;
  const use = `${formatCount(people.value ?? 0, 'person', 'people')} made ${formatCount(requests.value ?? 0, 'request')} in ${formatCount(conversations.value ?? 0, 'conversation')}.`;
  const isUsed = (requests.value ?? 0) > 0;
  const isFlowing = isUsed || (people.before ?? 0) > 0;
  return {
    question: 'Are people using it, and who comes back or leaves?',
    answer: [isUsed ? use : 'Nobody asked anything.', ...(flow && isFlowing ? [flowText(flow)] : [])].join(
      ' ',
    ),
    tables: [
      {
        title: 'Use',
        rows: [
          changeRow('People', people, 'count'),
          changeRow('Requests', requests, 'count'),
          changeRow('Conversations', conversations, 'count'),
          changeRow('Requests of nobody (anonymous)', anonymous, 'count'),
        ],
      },
    ],
    ...(isUsed && { bars: barsOf('Requests', steps, summary.series.requests, timeZone) }),
    notes: [
      ...(flow?.isUncertain
        ? ['Older records are gone: somebody who counts as new may have been here before.']
        : []),
      ...(isUsed && people.value === 0
        ? ['No request says who asked: send user ids to see who comes back.']
        : []),
    ],
  };
}

function flowText({ new: fresh, returning, resurrected, gone }: PeopleFlow): string {
  return `${fresh} new, ${returning} came back, ${resurrected} back after a break, ${gone} of the period before did not come.`;
}

export function barsOf(
  title: string,
  { step, at }: MeasureSteps,
  values: readonly (number | null)[],
  timeZone: string,
): ReportBars {
  const time = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    ...(step === 'hour' && { hour: '2-digit', minute: '2-digit' }),
  });
  return {
    title: `${title} by ${step}`,
    values: at.map((start, place) => ({ name: time.format(start), value: values[place] ?? 0 })),
  };
}
