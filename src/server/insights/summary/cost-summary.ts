import type { MeasureAnswer, MeasuredGroup, MeasuredValues } from '../../model/measure/measure-answer.js';
import type { MeasureName } from '../../query/measure-request.js';
import { valueOf } from './measured.js';
import { largestGroups } from './ranked-groups.js';
import {
  CONVERSATION_OUTCOMES,
  type ConversationOutcome,
  type CostSummary,
  type OutcomeCost,
} from './summary.js';

/** Measures of each conversation. The first one orders them: those that are left out are the cheapest. */
export const CONVERSATION_MEASURES = [
  'cost',
  'requests',
  'errors',
  'rated',
  'bad',
] as const satisfies readonly MeasureName[];

/** Conversations that are looked at. */
export const MAX_CONVERSATIONS = 5000;

/** Returns the groups that cost most, each with the change of its cost. Those that cost nothing in both periods are left out. */
export function costOfGroups(
  measures: readonly MeasureName[],
  current: MeasureAnswer,
  before: MeasureAnswer,
  limit: number,
): CostSummary['models'] {
  const costs = largestGroups(measures, current, before, 'cost', Infinity);
  return costs.filter(({ change }) => (change.value ?? 0) + (change.before ?? 0) > 0).slice(0, limit);
}

/** Returns what conversations cost, by how they went; outcomes that none has are left out. */
export function costByOutcome({ groups, other }: MeasureAnswer): readonly OutcomeCost[] {
  const costs = new Map<ConversationOutcome, OutcomeCost>();
  const add = (outcome: ConversationOutcome, count: number, cost: number | null): void => {
    const sum = costs.get(outcome) ?? { outcome, count: 0, cost: null };
    const total = cost === null ? sum.cost : (sum.cost ?? 0) + cost;
    costs.set(outcome, { outcome, count: sum.count + count, cost: total });
  };
  for (const group of groups) {
    const count = group.name === null ? (read(group, 'requests') ?? 0) : 1;
    // A conversation of nothing but feedback asked nothing.
    if ((read(group, 'requests') ?? 0) > 0) add(outcomeOf(group), count, read(group, 'cost'));
  }
  if (other) add('unread', other.groups, read(other, 'cost'));
  return CONVERSATION_OUTCOMES.flatMap((outcome) => costs.get(outcome) ?? []);
}

function outcomeOf(group: MeasuredGroup): ConversationOutcome {
  const has = (measure: MeasureName): boolean => (read(group, measure) ?? 0) > 0;
  if (group.name === null) return 'single';
  if (has('errors') || has('bad')) return 'troubled';
  return has('rated') ? 'praised' : 'unknown';
}

function read(values: MeasuredValues, measure: MeasureName): number | null {
  return valueOf(CONVERSATION_MEASURES, values, measure).value;
}
