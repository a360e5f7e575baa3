import { formatCount, formatCost } from '../../model/measure/format-numbers.js';
import type { ConversationOutcome, CostSummary, NamedChange } from '../summary/summary.js';
import { changeRow, formatValue } from './change-text.js';
import type { ReportRow, ReportSection, ReportTable } from './report.js';

const OUTCOMES: Readonly<Record<ConversationOutcome, string>> = {
  praised: 'Rated well, without an error',
  unknown: 'Without any sign',
  troubled: 'With an error or a bad answer',
  single: 'Requests without a conversation',
  unread: 'Further, cheaper conversations',
};

/** Section on cost: by customer and model, and whether the spend goes to conversations that succeed. */
export function costSection(summary: CostSummary): ReportSection {
  const { cost, unpricedCalls, costPerCall, costPerPerson, models, customers, byOutcome } = summary;
  const rows = [
    changeRow('Cost', cost, 'cost'),
    changeRow('Of a call', costPerCall, 'cost'),
    changeRow('Of a person', costPerPerson, 'cost'),
    changeRow('Calls without a price', unpricedCalls, 'count'),
  ];
  const who = customers.by === 'organization' ? 'By organization' : 'By person';
  return {
    question: 'What does it cost, and does the spend go to conversations that succeed?',
    answer: [costText(summary), troubledText(summary)].filter((text) => text !== '').join(' '),
    tables: [
      { title: 'Cost', rows },
      ...tableOf('By model', models),
      ...tableOf(who, customers.groups),
      ...(byOutcome.length > 0 && cost.value !== null
        ? [
            {
              title: 'By outcome of the conversation',
              rows: byOutcome.map(({ outcome, count, cost: of }): ReportRow => ({
                name: OUTCOMES[outcome],
                value: `${formatValue(of, 'cost')} in ${count}`,
                change: '',
                judgement: null,
              })),
            },
          ]
        : []),
    ],
    notes: ['The cost of recorded calls, at list prices unless it was sent or own prices are set.'],
  };
}

function costText({ cost, unpricedCalls }: CostSummary): string {
  const unpriced = unpricedCalls.value ?? 0;
  const more = unpriced > 0 ? ` + ${formatCount(unpriced, 'unpriced call')}` : '';
  if (cost.value === null)
    return unpriced > 0 ? `${formatCount(unpriced, 'call')}, none with a price.` : 'No calls.';
  return `${formatCost(cost.value)}${more}.`;
}

function troubledText({ byOutcome }: CostSummary): string {
  const costs = byOutcome.map(({ cost }) => cost ?? 0);
  const total = costs.reduce((sum, cost) => sum + cost, 0);
  const troubled = byOutcome.find(({ outcome }) => outcome === 'troubled')?.cost ?? 0;
  if (total === 0) return '';
  return `${formatValue(troubled / total, 'share')} of it went to conversations with an error or a bad answer.`;
}

function tableOf(title: string, groups: readonly NamedChange[]): readonly ReportTable[] {
  if (groups.length === 0) return [];
  return [{ title, rows: groups.map(({ name, change }) => changeRow(name ?? 'without', change, 'cost')) }];
}
