import type { AlertRuleValue } from '../../../insights/alerts/alert-rule.js';
import { isShare } from '../../../insights/alerts/alert-texts.js';
import type { MeasureName } from '../../../query/measure-request.js';

/** Measures that the editor offers. A rule may have any other. */
export const MEASURES: readonly { readonly name: MeasureName; readonly title: string }[] = [
  { name: 'cost', title: 'Cost (US dollars)' },
  { name: 'errorRate', title: 'Error rate (%)' },
  { name: 'badShare', title: 'Share of bad answers (%)' },
  { name: 'people', title: 'Active people' },
  { name: 'requests', title: 'Requests' },
  { name: 'totalTokens', title: 'Tokens' },
  { name: 'latencyP95', title: 'Latency, 95th percentile (seconds)' },
];

/** Fields of the editor. All are texts, so that unfinished input is shown as typed. */
export interface RuleFields {
  readonly title: string;
  readonly measure: string;
  readonly by: string;
  readonly direction: 'above' | 'below';
  readonly threshold: string;
  readonly window: string;
  readonly minimum: string;
  readonly hold: string;
  readonly filters: string;
  readonly isPaused: boolean;
}

/** Returns the fields of a new rule, for the records that the filters of the address match. */
export function newFields(filters: string): RuleFields {
  const params = new URLSearchParams(filters);
  params.delete('since');
  params.delete('until');
  return {
    ...toFields({ measure: 'cost', by: 'user', window: '24h', above: 1 }),
    filters: params.toString(),
  };
}

/** Returns the fields of a rule; those that it lacks, or that are wrong, are empty. */
export function toFields(value: unknown): RuleFields {
  const rule = (typeof value === 'object' && value !== null ? value : {}) as Partial<AlertRuleValue>;
  const measure = textOf(rule.measure);
  const limit = rule.below ?? rule.above;
  const scale = isShare(measure) ? 100 : 1;
  return {
    title: textOf(rule.title),
    measure,
    by: textOf(rule.by),
    direction: rule.below === undefined ? 'above' : 'below',
    threshold: typeof limit === 'number' ? String(Number((limit * scale).toPrecision(12))) : '',
    window: textOf(rule.window),
    minimum: rule.minimum === undefined ? '' : String(rule.minimum),
    hold: textOf(rule.hold),
    filters: textOf(rule.filters),
    isPaused: rule.isPaused === true,
  };
}

/** Returns the value of the rule. Fields that are no numbers stay texts, so that the server says what is wrong. */
export function toRule(fields: RuleFields): Readonly<Record<string, unknown>> {
  const { title, measure, by, direction, threshold, window, minimum, hold, filters, isPaused } = fields;
  const limit = numberIn(threshold);
  const scaled = typeof limit === 'number' && isShare(measure) ? limit / 100 : limit;
  return {
    ...(title.trim() !== '' && { title: title.trim() }),
    measure,
    ...(by !== '' && { by }),
    ...(filters.trim() !== '' && { filters: filters.trim() }),
    window: window.trim(),
    [direction]: scaled,
    ...(minimum.trim() !== '' && { minimum: numberIn(minimum) }),
    ...(hold.trim() !== '' && { hold: hold.trim() }),
    ...(isPaused && { isPaused }),
  };
}

/** Returns the value of a rule in words. */
export function ruleText(value: unknown): string {
  const { title, measure, by, direction, threshold, window, minimum, hold, filters, isPaused } =
    toFields(value);
  const name = MEASURES.find((known) => known.name === measure)?.title ?? measure;
  const parts = [
    ...(title === '' ? [] : [title]),
    `${name}${by === '' ? '' : ` by ${by}`} ${direction} ${threshold} in the last ${window}`,
    ...(minimum === '' ? [] : [`with at least ${minimum}`]),
    ...(hold === '' ? [] : [`for at least ${hold}`]),
    ...(filters === '' ? [] : [filters]),
    ...(isPaused ? ['paused'] : []),
  ];
  return parts.join(', ');
}

function numberIn(text: string): number | string {
  const trimmed = text.trim().replace(',', '.');
  return trimmed === '' || Number.isNaN(Number(trimmed)) ? trimmed : Number(trimmed);
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
