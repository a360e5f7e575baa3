import type { MeasureAnswer, MeasuredValues } from '../../../../model/measure/measure-answer.js';
import type { Grouping } from '../../../../model/measure/dimensions.js';
import type { TimeBuckets } from '../../../../model/time-buckets.js';
import type { ZoneClock } from '../../../../model/time-zone.js';
import { DEFAULT_GROUPS, type MeasureRequest } from '../../../../query/measure-request.js';
import { clockOf } from '../../../../query/parse-time-zone.js';
import { stepsOf, toMeasureSteps } from '../../../../query/measure-steps.js';
import type { ClickHouseClient } from '../../client/clickhouse-client.js';
import type { Covered } from '../covered-time.js';
import { AT_MS, IS_PLAUSIBLE } from '../totals.js';
import { whereClause } from '../where-clause.js';
import { groupKeys, slotOf, type GroupKeys } from './groups.js';
import { numberIn, PARTS, type MeasureRow } from './measure-columns.js';
import { moveParts, partSums } from './model-parts.js';
import { rankGroups, type Ranked } from './rank-groups.js';
import { measureStatement, seriesOf, valuesOf, type MeasureStatement } from './statement.js';

/**
 * Reads the answer to a request. Groups are ranked and measured in one pass, which sums up the total as well unless a record can be in several groups; the
 * groups that are not listed, and the series, are statements of their own.
 */
export async function readMeasures(
  client: ClickHouseClient,
  project: string,
  { query, since }: Covered,
  request: MeasureRequest,
  clock: ZoneClock,
): Promise<MeasureAnswer> {
  const now = Date.now();
  const statement = measureStatement(client, project, whereClause(project, query, now), request);
  // The end of a series depends on the total.
  const [alone = {}] = isRolledUp(request) ? [] : await readTotal(statement);
  const span =
    numberIn(alone, 'plausible') === 0
      ? undefined
      : { first: numberIn(alone, 'first'), last: numberIn(alone, 'last') };
  const buckets = request.step && stepsOf(query, span, request.step, now, clock);
  const [totals, { total = alone, ...grouped }] = await Promise.all([
    buckets && readTotalSeries(statement, buckets),
    request.by === undefined ? UNGROUPED : readGroups(statement, request, request.by, buckets),
  ]);
  const outside = numberIn(alone, 'all_records') - (totals?.records ?? 0);
  return {
    total: { ...valuesOf(statement.columns, total), ...totals?.series },
    ...grouped,
    ...(buckets && request.step && { steps: toMeasureSteps(buckets, request.step, clock, outside) }),
    ...(since !== undefined && { since: new Date(since).toISOString() }),
  };
}

/**
 * Reads the answers to requests for the same records. Those that differ in nothing but the grouping are one statement, which reads the records once: of
 * four groupings, that takes half of what a statement for each does.
 */
export async function readMeasuresEach(
  client: ClickHouseClient,
  project: string,
  covered: Covered,
  requests: readonly MeasureRequest[],
): Promise<readonly MeasureAnswer[]> {
  const { query, since } = covered;
  const [first] = requests;
  if (!first || !areAlike(requests))
    return Promise.all(
      requests.map((request) => {
        const clock = clockOf(request.timeZone ?? 'UTC');
        return readMeasures(client, project, covered, request, clock);
      }),
    );
  const statement = measureStatement(client, project, whereClause(project, query, Date.now()), first);
  const groupings = requests.flatMap(({ by }) => by ?? []);
  const ranked = await rankGroups(statement, groupings, first.limit ?? DEFAULT_GROUPS, true);
  return Promise.all(
    ranked.map(async (groups, place) => {
      const { total, ...grouped } = await completeGroups(
        statement,
        { ...first, by: groupings[place] ?? 'model' },
        groups,
      );
      return {
        total: valuesOf(statement.columns, total),
        ...grouped,
        ...(since !== undefined && { since: new Date(since).toISOString() }),
      };
    }),
  );
}

/** Returns true if requests differ in the grouping alone, and can be rolled up. Equal groupings are one grouping set. */
function areAlike(requests: readonly MeasureRequest[]): boolean {
  const [first, ...others] = requests.map(({ by: _by, ...request }) => JSON.stringify(request));
  if (!requests.every(isRolledUp) || others.some((other) => other !== first)) return false;
  // As ClickHouse sees them: two dimensions can be the same property.
  const keys = new Set(requests.flatMap(({ by }) => (by ? JSON.stringify(groupKeys(by)) : [])));
  return keys.size === requests.length;
}

/** Returns true if the pass over the groups sums up all records as well: there is no series, whose end the total tells, and a record is in one group. */
function isRolledUp({ by, step }: MeasureRequest): boolean {
  return by !== undefined && by !== 'tag' && step === undefined;
}

function readTotal({ read }: MeasureStatement): Promise<readonly MeasureRow[]> {
  return read({
    select: [
      'count() AS all_records',
      `countIf(${IS_PLAUSIBLE}) AS plausible`,
      `minIf(${AT_MS}, ${IS_PLAUSIBLE}) AS first`,
      `maxIf(${AT_MS}, ${IS_PLAUSIBLE}) AS last`,
    ],
  });
}

interface Grouped extends Pick<MeasureAnswer, 'groups' | 'other' | 'groupCount'> {
  /** Sums of all records, if the groups were summed up. */
  readonly total?: MeasureRow;
}

const UNGROUPED: Grouped = { groups: [], other: null, groupCount: 0 };

async function readTotalSeries(
  statement: MeasureStatement,
  buckets: TimeBuckets,
): Promise<{ readonly records: number; readonly series: Pick<MeasuredValues, 'series' | 'seriesN'> }> {
  const rows = await readSteps(statement, buckets, []);
  return {
    records: rows.reduce((sum, row) => sum + numberIn(row, 'all_records'), 0),
    series: seriesOf(statement.columns, buckets.at, byStart(rows)),
  };
}

async function readGroups(
  statement: MeasureStatement,
  request: MeasureRequest,
  by: Grouping,
  buckets: TimeBuckets | undefined,
): Promise<Grouped> {
  const limit = request.limit ?? DEFAULT_GROUPS;
  const [ranked] = await rankGroups(statement, [by], limit, isRolledUp(request));
  return ranked ? completeGroups(statement, request, ranked, buckets) : UNGROUPED;
}

/** Measures the groups that are not listed, and the series of all. */
async function completeGroups(
  statement: MeasureStatement,
  request: MeasureRequest,
  { listed, groupCount, total }: Ranked,
  buckets?: TimeBuckets,
): Promise<Grouped> {
  const keys = groupKeys(request.by ?? 'model');
  const hasParts = request.by === 'model' && statement.names.some((name) => name in PARTS);
  const parameters = { ...keys.parameters, listed: listed.map(({ name }) => name) };
  const [others, stepped] = await Promise.all([
    groupCount === listed.length ? {} : readOthers(statement, keys, parameters, hasParts),
    buckets ? readSlotSteps(statement, buckets, keys, parameters, hasParts) : [],
  ]);
  const valuesAt = (slot: number, row: MeasureRow): MeasuredValues => ({
    ...valuesOf(statement.columns, row),
    ...(buckets &&
      seriesOf(
        statement.columns,
        buckets.at,
        byStart(stepped.filter((step) => numberIn(step, 'slot') === slot)),
      )),
  });
  return {
    groups: listed.map(({ name, row }, place) => ({
      name: name === '' ? null : name,
      ...valuesAt(place + 1, row),
    })),
    other:
      groupCount === listed.length ? null : { groups: groupCount - listed.length, ...valuesAt(0, others) },
    groupCount,
    ...(total && { total }),
  };
}

/** Reads the sums of the groups that are not listed, together. */
async function readOthers(
  statement: MeasureStatement,
  { slot }: GroupKeys,
  parameters: Record<string, string | readonly string[]>,
  hasParts: boolean,
): Promise<MeasureRow> {
  const [rows, parts] = await Promise.all([
    statement.read({ select: [`${slot} AS slot`], end: 'GROUP BY slot HAVING slot = 0', parameters }),
    hasParts
      ? statement.read({ select: PART_SLOTS, ...partSums(), end: 'GROUP BY own, other', parameters })
      : [],
  ]);
  const slots = new Map(rows.map((row) => [String(row['slot']), row]));
  moveParts(slots, parts, (row, name) => String(row[name]));
  return slots.get('0') ?? {};
}

async function readSlotSteps(
  statement: MeasureStatement,
  buckets: TimeBuckets,
  { slot }: GroupKeys,
  parameters: Record<string, string | readonly string[]>,
  hasParts: boolean,
): Promise<readonly MeasureRow[]> {
  const rows = await readSteps(statement, buckets, [`${slot} AS slot`], parameters);
  if (!hasParts) return rows;
  const parts = await readSteps(statement, buckets, PART_SLOTS, parameters, partSums());
  const slots = new Map(rows.map((row) => [`${row['slot']} ${row['start']}`, row]));
  moveParts(slots, parts, (row, name) => `${row[name]} ${row['start']}`);
  return [...slots].map(([key, row]) => {
    const [own = '', start = ''] = key.split(' ');
    return { ...row, slot: own, start };
  });
}

const PART_SLOTS = [`${slotOf('toString(model)')} AS own`, `${slotOf('toString(part)')} AS other`];

/** Reads the sums of each step of the series in which there are records. */
async function readSteps(
  { read }: MeasureStatement,
  { at, end }: TimeBuckets,
  select: readonly string[],
  parameters: Record<string, string | readonly string[]> = {},
  parts: { readonly sums?: readonly string[]; readonly join?: string } = {},
): Promise<readonly MeasureRow[]> {
  if (at.length === 0) return [];
  const names = select.map((expression) => expression.split(' AS ').at(-1));
  return read({
    select: [...select, `roundDown(${AT_MS}, {starts:Array(Int64)}) AS start`, 'count() AS all_records'],
    ...parts,
    where: `\n  AND ${IS_PLAUSIBLE} AND ${AT_MS} >= {first:Int64} AND ${AT_MS} < {end:Int64}`,
    end: `GROUP BY ${[...names, 'start'].join(', ')}`,
    parameters: { ...parameters, starts: at, first: at[0] ?? 0, end },
  });
}

function byStart(rows: readonly MeasureRow[]): ReadonlyMap<number, MeasureRow> {
  return new Map(rows.map((row) => [numberIn(row, 'start'), row]));
}
