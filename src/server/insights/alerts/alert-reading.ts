import { ANONYMOUS } from '../../../records/model/prompt-record.js';
import type { RecordStore } from '../../engines/record-store.js';
import type { MeasuredValues } from '../../model/measure/measure-answer.js';
import { ruleQuery, type AlertRule } from './alert-rule.js';

/** Values of a dimension that a rule looks at: the largest. */
const MAX_GROUPS = 200;

/** Present value of a rule, of all records or of one value of its dimension. */
export interface GroupReading {
  /** Null: all records together. */
  readonly group: string | null;
  /** Null: nothing was measured. */
  readonly value: number | null;
  /** Number behind a rate, a cost or a latency; null for plain counts. */
  readonly n: number | null;
  /** Calls without a price, if the measure is the cost: it is at least the value. */
  readonly unpricedCalls: number | null;
  /** True if the rule holds: alerting, if it lasts. */
  readonly isMet: boolean;
  /** False if n is below the minimum of the rule, or nothing was measured. */
  readonly isEnough: boolean;
}

export interface AlertReading {
  /** Milliseconds. */
  readonly at: number;
  /** In the order of the measure, largest first. */
  readonly groups: readonly GroupReading[];
  /** False if there are groups that were not looked at and for which the rule may hold. */
  readonly isComplete: boolean;
}

/** Measures what a rule asks for. @throws BadQueryError if its filters name what does not exist */
export async function readRule(rule: AlertRule, store: RecordStore, now: number): Promise<AlertReading> {
  const query = await ruleQuery(rule, store.documents, now);
  const { by, measure } = rule;
  const measures = measure === 'cost' ? [measure, 'unpricedCalls' as const] : [measure];
  const answer = await store.measure(query, { measures, ...(by && { by, limit: MAX_GROUPS }) });
  if (!by) return { at: now, groups: [toReading(rule, null, answer.total)], isComplete: true };
  // People without a name are nobody, and records without a value are no group.
  const groups = answer.groups.flatMap(({ name, ...values }) =>
    name === null || (by === 'user' && name === ANONYMOUS) ? [] : [toReading(rule, name, values)],
  );
  const least = groups.at(-1)?.value ?? null;
  const mayHold = 'below' in rule.threshold || (least !== null && least > rule.threshold.above);
  return { at: now, groups, isComplete: answer.other === null || !mayHold };
}

function toReading(
  { threshold, minimum }: AlertRule,
  group: string | null,
  { values, n: counts }: MeasuredValues,
): GroupReading {
  const [value = null, unpricedCalls = null] = values;
  const [n = null] = counts;
  const isEnough = value !== null && (n === null || n >= minimum);
  const isMet = isEnough && ('above' in threshold ? value > threshold.above : value < threshold.below);
  return { group, value, n, unpricedCalls, isMet, isEnough };
}
