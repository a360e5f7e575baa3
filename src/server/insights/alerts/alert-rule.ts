import { isRecord } from '../../../common/unknown-values.js';
import { readQuery } from '../../audience/read-query.js';
import type { DocumentStore } from '../../engines/document-store.js';
import { dimensionOf, type Dimension } from '../../model/measure/dimensions.js';
import type { Measure } from '../../query/measure-request.js';
import { parseMeasure } from '../../query/parse-measures.js';
import { BadQueryError, isQueryParameter } from '../../query/parse-query.js';
import type { RecordQuery } from '../../query/record-query.js';

/** Kind of the documents with rules of alerts, by name. */
export const RULE_KIND = 'rule';

const UNITS_MS = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const MIN_WINDOW_MS = 60_000;
const MAX_WINDOW_MS = 90 * UNITS_MS.d;
const MAX_HOLD_MS = 7 * UNITS_MS.d;
const DEFAULT_HOLD = '5m';
const MAX_TITLE = 200;

/** A rule as people write it: the value of a document of the kind `rule`. Ages are texts such as `15m`, `24h`, `7d`. */
export interface AlertRuleValue {
  /** Default: the name of the document. */
  readonly title?: string;
  /** As in `GET /api/measure`, for instance `cost`, `errorRate`, `prop.score:mean`. */
  readonly measure: string;
  /** Each value of this dimension has a state of its own. As in `GET /api/measure`, without `thread`. Default: all records together. */
  readonly by?: string;
  /** Filters as in a URL, for instance `prop.plan=pro&not.model=gpt-4o-mini`. */
  readonly filters?: string;
  /** Records of this time before now are measured, by the time of the record. 1m to 90d. */
  readonly window: string;
  /** Alerting above this. A rate is a number from 0 to 1, a cost is in US dollars. Exactly one of `above` and `below`. */
  readonly above?: number;
  readonly below?: number;
  /** Rates, costs and latencies of fewer requests, calls or numbers are too uncertain for an alert. Default 1. */
  readonly minimum?: number;
  /** Time for which a new state has to last before it counts. 0s to 7d. Default `5m`. */
  readonly hold?: string;
  /** True: is not evaluated. */
  readonly isPaused?: boolean;
}

/** A rule that was checked. */
export interface AlertRule {
  readonly name: string;
  readonly title: string;
  readonly measure: Measure;
  /** The measure as in the value. */
  readonly measureName: string;
  readonly by: Dimension | undefined;
  readonly byName: string | undefined;
  readonly filters: string;
  readonly window: string;
  readonly windowMs: number;
  readonly threshold: { readonly above: number } | { readonly below: number };
  readonly minimum: number;
  readonly holdMs: number;
  readonly isPaused: boolean;
}

const FIELDS: Readonly<Record<keyof AlertRuleValue, true>> = {
  title: true,
  measure: true,
  by: true,
  filters: true,
  window: true,
  above: true,
  below: true,
  minimum: true,
  hold: true,
  isPaused: true,
};

/** Reads the value of a document. A field that is not known is refused: misspelt, it would be a rule that nobody meant. @throws BadQueryError */
export function parseRule(name: string, value: unknown): AlertRule {
  if (!isRecord(value) || Array.isArray(value)) throw new BadQueryError('A rule must be an object');
  const unknown = Object.keys(value).find((field) => !Object.hasOwn(FIELDS, field));
  if (unknown !== undefined) throw new BadQueryError(`A rule has no field "${unknown.slice(0, 60)}"`);
  const measureName = textOf(value, 'measure') ?? '';
  const byName = textOf(value, 'by');
  const window = textOf(value, 'window') ?? '';
  return {
    name,
    title: (textOf(value, 'title') ?? name).slice(0, MAX_TITLE),
    measure: parseMeasure(measureName),
    measureName,
    by: byName === undefined ? undefined : dimension(byName),
    byName,
    filters: checkFilters(textOf(value, 'filters') ?? ''),
    window,
    windowMs: duration('window', window, MIN_WINDOW_MS, MAX_WINDOW_MS),
    threshold: thresholdOf(value),
    minimum: minimumOf(value),
    holdMs: duration('hold', textOf(value, 'hold') ?? DEFAULT_HOLD, 0, MAX_HOLD_MS),
    isPaused: value['isPaused'] === true,
  };
}

/** Returns the query for the records that a rule measures now. @throws BadQueryError */
export async function ruleQuery(
  { filters, windowMs }: AlertRule,
  documents: DocumentStore,
  now: number,
): Promise<RecordQuery> {
  const query = await readQuery(new URLSearchParams(filters), documents);
  return { ...query, since: { at: now - windowMs }, until: { at: now } };
}

function textOf(value: Readonly<Record<string, unknown>>, field: string): string | undefined {
  const text = value[field];
  if (text === undefined || text === null || text === '') return undefined;
  if (typeof text !== 'string') throw new BadQueryError(`"${field}" of a rule must be a text`);
  return text;
}

/** A conversation is over before anybody looks, and there are too many for a state each. */
function dimension(name: string): Dimension {
  const known = dimensionOf(name);
  if (known === undefined || known === 'thread')
    throw new BadQueryError(
      '"by" of a rule must be user, organization, model, another dimension, or prop.<name>',
    );
  return known;
}

function checkFilters(filters: string): string {
  const names = [...new URLSearchParams(filters).keys()];
  const wrong = names.find((name) => !isQueryParameter(name) || name === 'since' || name === 'until');
  if (wrong !== undefined)
    throw new BadQueryError(`"filters" of a rule: "${wrong.slice(0, 60)}" is no filter, or a time`);
  return filters;
}

function thresholdOf({ above, below }: Readonly<Record<string, unknown>>): AlertRule['threshold'] {
  if (isNumber(above) && below === undefined) return { above };
  if (isNumber(below) && above === undefined) return { below };
  throw new BadQueryError('A rule needs a number as "above" or as "below", and not both');
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

function minimumOf({ minimum = 1 }: Readonly<Record<string, unknown>>): number {
  if (isNumber(minimum) && Number.isSafeInteger(minimum) && minimum >= 0) return minimum;
  throw new BadQueryError('"minimum" of a rule must be a whole number');
}

function duration(field: string, text: string, least: number, most: number): number {
  const [, count, unit] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  const ms = Number(count) * UNITS_MS[unit as keyof typeof UNITS_MS];
  if (ms >= least && ms <= most) return ms;
  throw new BadQueryError(
    `"${field}" of a rule must be a time from ${least / 60_000}m to ${most / UNITS_MS.d}d, such as 15m, 24h or 7d`,
  );
}
