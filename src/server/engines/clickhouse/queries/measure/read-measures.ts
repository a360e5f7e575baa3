import {
  compareGroups,
  type MeasureAnswer,
  type MeasuredValues,
} from '../../../../model/measure/measure-answer.js';
import type { TimeBuckets } from '../../../../model/time-buckets.js';
import type { ZoneClock } from '../../../../model/time-zone.js';
import { DEFAULT_GROUPS, type MeasureRequest } from '../../../../query/measure-request.js';
import { stepsOf, toMeasureSteps } from '../../../../query/measure-steps.js';
import type { ClickHouseClient } from '../../client/clickhouse-client.js';
import type { Covered } from '../covered-time.js';
import { AT_MS, IS_PLAUSIBLE } from '../totals.js';
import { whereClause } from '../where-clause.js';
import { groupKeys, slotOf, type GroupKeys } from './groups.js';
import { numberIn, PARTS, type MeasureRow } from './measure-columns.js';
import { aggregates, measureStatement, seriesOf, valuesOf, type MeasureStatement } from './statement.js';

/** Models whose sums are read: more than are listed, because turns move sums to other models. */
const MAX_MODELS = 1000;

/** Reads the answer to a request: the total, which groups are listed, their numbers, and the series; each is a statement. */
export async function readMeasures(
  client: ClickHouseClient,
  project: string,
  { query, since }: Covered,
  request: MeasureRequest,
  clock: ZoneClock,
): Promise<MeasureAnswer> {
  const now = Date.now();
  const statement = measureStatement(client, project, whereClause(project, query, now), request);
  const [all = {}] = await statement.read({
    select: [
      'count() AS all_records',
      `countIf(${IS_PLAUSIBLE}) AS plausible`,
      `minIf(${AT_MS}, ${IS_PLAUSIBLE}) AS first`,
      `maxIf(${AT_MS}, ${IS_PLAUSIBLE}) AS last`,
    ],
  });
  const span =
    numberIn(all, 'plausible') === 0
      ? undefined
      : { first: numberIn(all, 'first'), last: numberIn(all, 'last') };
  const buckets = request.step && stepsOf(query, span, request.step, now, clock);
  const [totals, grouped] = await Promise.all([
    buckets && readTotalSeries(statement, buckets),
    request.by === undefined ? UNGROUPED : readGroups(statement, request, buckets),
  ]);
  const outside = numberIn(all, 'all_records') - (totals?.records ?? 0);
  return {
    total: { ...valuesOf(statement.columns, all), ...totals?.series },
    ...grouped,
    ...(buckets && request.step && { steps: toMeasureSteps(buckets, request.step, clock, outside) }),
    ...(since !== undefined && { since: new Date(since).toISOString() }),
  };
}

type Grouped = Pick<MeasureAnswer, 'groups' | 'other' | 'groupCount'>;

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
  buckets: TimeBuckets | undefined,
): Promise<Grouped> {
  const keys = groupKeys(request.by ?? 'model');
  const hasParts = request.by === 'model' && statement.names.some((name) => name in PARTS);
  const { names, total, slots } = hasParts
    ? await rankModels(statement, request, keys)
    : await rankGroups(statement, request, keys);
  const parameters = { ...keys.parameters, listed: names };
  const [sums, stepped] = await Promise.all([
    slots ?? readSlots(statement, keys, parameters, hasParts),
    buckets ? readSlotSteps(statement, buckets, keys, parameters, hasParts) : [],
  ]);
  const valuesAt = (slot: number): MeasuredValues => ({
    ...valuesOf(
      statement.columns,
      sums.find((row) => numberIn(row, 'slot') === slot),
    ),
    ...(buckets &&
      seriesOf(
        statement.columns,
        buckets.at,
        byStart(stepped.filter((row) => numberIn(row, 'slot') === slot)),
      )),
  });
  return {
    groups: names.map((name, place) => ({ name: name === '' ? null : name, ...valuesAt(place + 1) })),
    other: total === names.length ? null : { groups: total - names.length, ...valuesAt(0) },
    groupCount: total,
  };
}

interface Ranked {
  /** The groups to list. */
  readonly names: readonly string[];
  /** Number of all groups. */
  readonly total: number;
  /** Sums by slot, if what orders the groups is all that is measured, and all are listed. */
  readonly slots?: readonly MeasureRow[];
}

async function rankGroups(
  { read, order, names: needed }: MeasureStatement,
  { limit = DEFAULT_GROUPS }: MeasureRequest,
  { key, parameters }: GroupKeys,
): Promise<Ranked> {
  const rows = await read({
    select: [`${key} AS name`],
    sums: [...aggregates(order.sums), 'count() OVER () AS groups'],
    end: `GROUP BY name ORDER BY ${order.order} DESC NULLS LAST, name = '', name LIMIT {limit:UInt32}`,
    parameters: { ...parameters, limit },
  });
  const total = numberIn(rows[0] ?? {}, 'groups');
  const isAll = total === rows.length && needed.every((name) => name in order.sums);
  return {
    names: rows.map(({ name }) => String(name)),
    total,
    ...(isAll && { slots: rows.map((row, place) => ({ ...row, slot: place + 1 })) }),
  };
}

/** Models are ordered after what turns used of others was moved to them. */
async function rankModels(
  statement: MeasureStatement,
  { limit = DEFAULT_GROUPS }: MeasureRequest,
  { key, parameters }: GroupKeys,
): Promise<Ranked> {
  const [rows, parts] = await Promise.all([
    statement.read({
      select: [`${key} AS name`],
      end: `GROUP BY name LIMIT ${MAX_MODELS}`,
      parameters,
    }),
    statement.read({
      select: ['toString(model) AS own', 'toString(part) AS other'],
      ...partSums(),
      end: 'GROUP BY own, other',
      parameters,
    }),
  ]);
  const models = new Map(rows.map((row) => [String(row['name']), row]));
  moveParts(models, parts, (row, name) => String(row[name]));
  const ranked = [...models]
    .map(([name, row]) => ({ name: name === '' ? null : name, value: statement.order.read(row).value }))
    .sort(compareGroups);
  return { names: ranked.slice(0, limit).map(({ name }) => name ?? ''), total: ranked.length };
}

async function readSlots(
  statement: MeasureStatement,
  { slot }: GroupKeys,
  parameters: Record<string, string | readonly string[]>,
  hasParts: boolean,
): Promise<readonly MeasureRow[]> {
  const [rows, parts] = await Promise.all([
    statement.read({ select: [`${slot} AS slot`], end: 'GROUP BY slot', parameters }),
    hasParts
      ? statement.read({ select: PART_SLOTS, ...partSums(), end: 'GROUP BY own, other', parameters })
      : [],
  ]);
  const slots = new Map(rows.map((row) => [String(row['slot']), row]));
  moveParts(slots, parts, (row, name) => String(row[name]));
  return [...slots].map(([own, row]) => ({ ...row, slot: own }));
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

/** Sums of what other models did in turns. */
function partSums(): { readonly sums: readonly string[]; readonly join: string } {
  const entries = Object.entries(PARTS);
  return {
    join: `ARRAY JOIN part_models AS part, ${entries.map(([name, column]) => `${column} AS part_${name}`).join(', ')}`,
    sums: entries.map(([name]) => `sum(part_${name}) AS ${name}`),
  };
}

/** Moves what other models did in turns to those models. */
function moveParts(
  groups: Map<string, MeasureRow>,
  parts: readonly MeasureRow[],
  keyOf: (part: MeasureRow, name: 'own' | 'other') => string,
): void {
  const add = (key: string, part: MeasureRow, sign: 1 | -1): void => {
    const row = groups.get(key) ?? {};
    const moved = Object.keys(PARTS).map((name) => [name, numberIn(row, name) + sign * numberIn(part, name)]);
    groups.set(key, { ...row, ...(Object.fromEntries(moved) as MeasureRow) });
  };
  for (const part of parts) {
    add(keyOf(part, 'own'), part, -1);
    add(keyOf(part, 'other'), part, 1);
  }
}

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
