import type { Measured, MeasureAnswer, MeasuredValues } from '../../../model/measure/measure-answer.js';
import { bucketAt, type TimeBuckets } from '../../../model/time-buckets.js';
import type { ZoneClock } from '../../../model/time-zone.js';
import { DEFAULT_GROUPS, type MeasureRequest } from '../../../query/measure-request.js';
import { stepsOf, toMeasureSteps, type TimeSpan } from '../../../query/measure-steps.js';
import type { RecordQuery } from '../../../query/record-query.js';
import type { RecordTable } from '../table/record-table.js';
import type { Selection } from './recent-selections.js';
import { placeInGroups, type GroupPlaces } from './group-places.js';
import { measureSlots, type MeasureSource } from './measure-slots.js';
import { Placement } from './placement.js';
import { rankGroups } from './rank-groups.js';

export interface MeasureContext {
  readonly table: RecordTable;
  readonly query: RecordQuery;
  readonly now: number;
  readonly clock: ZoneClock;
}

/** Measures the rows of a selection: all of them, their groups, and each at every time step. */
export function measure(
  context: MeasureContext,
  { rows, totals }: Selection,
  request: MeasureRequest,
): MeasureAnswer {
  const { table, clock } = context;
  const source = sourceOf(context, rows);
  const series = request.step === undefined ? undefined : seriesOf(context, rows, request.step);
  const all = new Placement(rows, new Uint32Array(rows.length), 1);
  const [total = NOTHING] = valuesOf(source, request, all, series, totals);
  const grouped =
    request.by === undefined
      ? { groups: [], other: null, groupCount: 0 }
      : measureGroups(source, request, placeInGroups(table, rows, request.by), series);
  const steps = series && request.step && toMeasureSteps(series.buckets, request.step, clock, series.outside);
  return { total, ...grouped, ...(steps && { steps }) };
}

const NOTHING: MeasuredValues = { values: [], n: [] };

function measureGroups(
  source: MeasureSource,
  request: MeasureRequest,
  places: GroupPlaces,
  series: Series | undefined,
): Pick<MeasureAnswer, 'groups' | 'other' | 'groupCount'> {
  const { measures, orderBy = measures[0] ?? 'records', limit = DEFAULT_GROUPS } = request;
  const ranked = rankGroups(places, measureSlots(source, orderBy, places.placement), limit);
  const values = valuesOf(source, request, withOther(places, ranked), series);
  const rest = values.at(-1);
  const others = places.ids.length - ranked.length;
  return {
    groups: ranked.map((id, place) => ({ name: places.nameOf(id), ...(values[place] ?? NOTHING) })),
    other: others === 0 || !rest ? null : { groups: others, ...rest },
    groupCount: places.ids.length,
  };
}

/** Returns one slot for each of the ranked groups, and one for all others. */
function withOther({ placement }: GroupPlaces, ranked: readonly number[]): Placement {
  const other = ranked.length;
  const slotOf = new Uint32Array(placement.size).fill(other);
  for (const [slot, id] of ranked.entries()) slotOf[id] = slot;
  const rows = new Uint32Array(placement.rows.length);
  const slots = new Uint32Array(placement.rows.length);
  let count = 0;
  let lastOther = -1;
  for (let place = 0; place < rows.length; place++) {
    const row = placement.rows[place] ?? 0;
    const slot = slotOf[placement.slots[place] ?? 0] ?? other;
    // Once, whatever number of its tags are not listed.
    if (slot === other && row === lastOther) continue;
    if (slot === other) lastOther = row;
    rows[count] = row;
    slots[count++] = slot;
  }
  const slotOfModel = placement.slotOfModel && ((_: number, model: number) => slotOf[model] ?? other);
  return new Placement(rows.subarray(0, count), slots.subarray(0, count), other + 1, slotOfModel);
}

/**
 * Returns the numbers of each slot, and of each slot at every step.
 *
 * @param known numbers of this placement that were asked for before; new ones are added
 */
function valuesOf(
  source: MeasureSource,
  { measures }: MeasureRequest,
  placement: Placement,
  series: Series | undefined,
  known?: Selection['totals'],
): MeasuredValues[] {
  const measured = measures.map((one) => {
    const key = JSON.stringify(one);
    const list = known?.get(key) ?? measureSlots(source, one, placement);
    known?.set(key, list);
    return list;
  });
  const steps = series?.buckets.at.length ?? 0;
  const stepped = series && atSteps(placement, series);
  const inSteps = stepped && measures.map((one) => measureSlots(source, one, stepped));
  return Array.from({ length: placement.size }, (_, slot) => {
    const own = inSteps?.map((list) => list.slice(slot * steps, (slot + 1) * steps));
    return {
      values: measured.map((list) => list[slot]?.value ?? null),
      n: measured.map((list) => list[slot]?.n ?? null),
      ...(own && { series: own.map(valuesIn), seriesN: own.map((list) => list.map(({ n }) => n)) }),
    };
  });
}

function valuesIn(list: readonly Measured[]): readonly (number | null)[] {
  return list.map(({ value }) => value);
}

interface Series {
  readonly buckets: TimeBuckets;
  /** By row: the number of its step; the number of steps for a row in none. */
  readonly stepOf: Uint32Array;
  readonly outside: number;
}

function seriesOf(
  { table, query, now, clock }: MeasureContext,
  rows: Uint32Array,
  step: NonNullable<MeasureRequest['step']>,
): Series {
  const buckets = stepsOf(query, plausibleSpan(table, rows), step, now, clock);
  const stepOf = new Uint32Array(table.end);
  let outside = 0;
  for (const row of rows) {
    const time = table.at[row] ?? 0;
    // A time that is not plausible is in no step, also if there is one at that time.
    const place = table.seen[row] === time ? bucketAt(buckets, time) : buckets.at.length;
    stepOf[row] = place;
    if (place === buckets.at.length) outside++;
  }
  return { buckets, stepOf, outside };
}

function plausibleSpan({ at, seen }: RecordTable, rows: Uint32Array): TimeSpan | undefined {
  let [first, last] = [Infinity, -Infinity];
  for (const row of rows) {
    const time = at[row] ?? 0;
    if (seen[row] !== time) continue;
    first = Math.min(first, time);
    last = Math.max(last, time);
  }
  return first <= last ? { first, last } : undefined;
}

/** Divides each slot into the steps of the series. Rows in no step are left out. */
function atSteps(placement: Placement, { buckets, stepOf }: Series): Placement {
  const steps = buckets.at.length;
  const { slotOfModel } = placement;
  const rows = new Uint32Array(placement.rows.length);
  const slots = new Uint32Array(placement.rows.length);
  let count = 0;
  for (let place = 0; place < placement.rows.length; place++) {
    const row = placement.rows[place] ?? 0;
    const step = stepOf[row] ?? steps;
    if (step === steps) continue;
    rows[count] = row;
    slots[count++] = (placement.slots[place] ?? 0) * steps + step;
  }
  const stepOfPlace = (place: number): number => stepOf[rows[place] ?? 0] ?? 0;
  return new Placement(
    rows.subarray(0, count),
    slots.subarray(0, count),
    placement.size * steps,
    slotOfModel && ((place, model) => slotOfModel(place, model) * steps + stepOfPlace(place)),
  );
}

function sourceOf({ table }: MeasureContext, rows: Uint32Array): MeasureSource {
  const numbers = new Map<string, Float64Array>();
  return {
    table,
    numbersOf(property) {
      const known = numbers.get(property) ?? numbersOfTurns(table, property, rows);
      numbers.set(property, known);
      return known;
    },
  };
}

/** Returns the numbers of a property without those of calls within a turn, which the turn includes. */
function numbersOfTurns(table: RecordTable, property: string, rows: Uint32Array): Float64Array {
  const numbers = table.property(property).numbers();
  for (const row of rows) if (table.isCall[row] === 1) numbers[row] = Number.NaN;
  return numbers;
}
