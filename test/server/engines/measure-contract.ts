import { expect, test } from 'vitest';
import type {
  Dimension,
  Measure,
  MeasureAnswer,
  MeasuredGroup,
  MeasuredValues,
  MeasureRequest,
  NewRecord,
  RecordQuery,
  StoredRecord,
  TimeStep,
} from '../../../src/server/index.js';
import { measureEach } from '../../../src/server/engines/measure-each.js';
import { MEASURE_NAMES } from '../../../src/server/query/measure-request.js';
import { readPairName } from '../../../src/server/model/measure/dimensions.js';
import type { Engine } from './engine.js';
import { MONTHS } from './month.js';
import { ownedMonth } from './owned-month.js';
import { groupsOf, recountMeasure, stepName, type Counted } from './recount-measures.js';
import { isPlausible, NO_COUNT, recountModels, type ModelCount } from './recount.js';
import { event, exported, numbered, START, useStore } from './stored.js';

const HOUR = 3_600_000;
const ZONES = ['UTC', 'America/New_York', 'Asia/Kathmandu'] as const;
const DIMENSIONS: readonly Dimension[] = [
  'model',
  'user',
  'thread',
  'tag',
  'event',
  'organization',
  { property: 'service_version' },
  { property: 'plan' },
  { property: 'nobody has it' },
];
const MEASURES: readonly Measure[] = [
  ...MEASURE_NAMES,
  ...(['count', 'sum', 'mean', 'p50', 'p95'] as const).map((of) => ({ property: 'size', of })),
];
/** Of these, what a turn used of other models is moved to them. */
const MOVED: readonly Measure[] = [
  'inputTokens',
  'outputTokens',
  'totalTokens',
  'cost',
  'pricedCalls',
  'unpricedCalls',
];
/** Sums of groups are the total, but for tags and for what is counted once in each. */
const ADDITIVE: readonly Measure[] = ['records', 'prompts', 'requests', 'errors', 'rated', 'bad', ...MOVED];

/** Holds an engine to the definitions of measures in docs/numbers.md: everything is counted again from the records that it exports. */
export function checkMeasures(engine: Engine): void {
  test(`${engine.name}: every measure of every group is the one that a plain count of its records gives`, async () => {
    const store = await useStore(engine);
    await store.put(ownedMonth(4, 500, MONTHS.spring));
    const all = await exported(store);
    const queries: readonly RecordQuery[] = [
      {},
      { kinds: ['prompt'], since: { at: MONTHS.spring.from + 200 * HOUR } },
    ];
    for (const query of queries) {
      const records = await exported(store, query);
      for (const by of DIMENSIONS)
        for (const limit of [1000, 3]) {
          const answer = await store.measure(query, { measures: MEASURES, by, limit });
          const groups = groupsBoth(answer, by, limit, records, all);
          expect(groups.given).toEqual(groups.expected);
          const sums = sumsBoth(answer);
          expect(by === 'tag' ? [] : sums.given).toEqual(by === 'tag' ? [] : sums.expected);
        }
    }
  });

  test(`${engine.name}: requests that are asked together have the answers that each has alone`, async () => {
    const store = await useStore(engine);
    await store.put(ownedMonth(11, 300, MONTHS.spring));
    const pair = { pair: ['plan', 'service_version'] } as const;
    const dimensions = [{ property: 'organization_id' }, 'user', pair, 'model', 'thread'] as const;
    const together: readonly (readonly MeasureRequest[])[] = [
      dimensions.map((by) => ({ measures: MEASURES, by, limit: 1000 })),
      dimensions.map((by) => ({ measures: ['requests'], by, limit: 2 })),
      dimensions.map((by) => ({ measures: ['people', 'cost'], by, limit: 3, orderBy: 'badShare' })),
      [{ measures: ['cost', 'people'], by: 'model' }],
      // The same grouping more than once.
      (['user', 'model', 'user'] as const).map((by) => ({ measures: ['requests', 'cost'], by, limit: 3 })),
      (['organization', 'model', { property: 'organization_id' }] as const).map((by) => ({
        measures: ['people'],
        by,
      })),
      // Not to be asked in one pass: tags, a series, no groups, other measures.
      [
        { measures: ['requests'], by: 'tag' },
        { measures: ['requests'], by: 'user', step: 'day', timeZone: 'Asia/Kathmandu' },
        { measures: ['requests'] },
        { measures: ['cost'], by: 'model' },
      ],
      [],
    ];
    for (const query of [{}, { kinds: ['prompt'] }, { users: ['nobody at all'] }] as const)
      for (const requests of together) {
        const alone = await Promise.all(requests.map((request) => store.measure(query, request)));
        expect(await measureEach(store, query, requests)).toEqual(alone);
      }
  });

  test.each(ZONES)(
    `${engine.name}: each hour, day, week and month of a series in %s has the records that a calendar gives it`,
    async (timeZone) => {
      for (const month of [MONTHS.spring, MONTHS.autumn]) {
        const store = await useStore(engine);
        await store.put(ownedMonth(9, 400, month));
        const all = await exported(store);
        for (const step of ['hour', 'day', 'week', 'month'] as const) {
          const measures: readonly Measure[] = ['requests', 'people', 'cost', 'badShare', 'latencyP95'];
          const request = { measures, by: 'organization', step, timeZone, limit: 3 } satisfies MeasureRequest;
          const { given, expected } = seriesBoth(await store.measure({}, request), request, all);
          expect(given).toEqual(expected);
        }
      }
    },
  );

  test(`${engine.name}: filters by a property match the same records after it was measured by`, async () => {
    const store = await useStore(engine);
    await store.put(ownedMonth(6, 200, MONTHS.spring));
    const queries = ['acme', '7', '', 'null', 'nested', 'Größe GmbH'].flatMap((value): RecordQuery[] => {
      const wanted = { properties: [{ name: 'organization_id', values: [value, 'none'] }] };
      return [wanted, { not: [wanted] }, { not: [{ not: [wanted] }], kinds: ['prompt'] }];
    });
    const read = () =>
      Promise.all(queries.map(async (query) => (await exported(store, query)).map(({ id }) => id)));
    const before = await read();
    await store.measure({}, { measures: ['requests'], by: 'organization' });
    expect(await read()).toEqual(before);
    const late: NewRecord = { ...numbered(1), id: 'late', properties: { organization_id: 'acme' } };
    await store.put([late]);
    const [ofAcme] = await read();
    expect(ofAcme).toEqual([...(before[0] ?? []), 'late']);
    await store.put([{ ...late, properties: { organization_id: 'other' } }]);
    expect((await read())[0]).toEqual(before[0]);
  });

  test(`${engine.name}: a series lasts from since to now, and from the first record without a since`, async () => {
    const store = await useStore(engine);
    await store.put([1, 2, 3].map((id) => numbered(id * 3600)));
    const stepsOf = async (query: RecordQuery, step: TimeStep = 'day') =>
      (await store.measure(query, { measures: ['prompts'], step })).steps;
    const day = Date.UTC(2026, 0, 2);
    expect(await stepsOf({}, 'hour')).toEqual({
      step: 'hour',
      timeZone: 'UTC',
      at: [1, 2, 3].map((hour) => day + hour * HOUR),
      end: day + 4 * HOUR,
      outside: 0,
    });
    const days = await stepsOf({ since: { at: day - 48 * HOUR }, until: { at: day + 30 * HOUR } });
    expect(days?.at).toEqual([-2, -1, 0, 1].map((offset) => day + offset * 24 * HOUR));
    const last = await stepsOf({ since: { agoMs: 36 * HOUR } });
    expect([2, 3]).toContain(last?.at.length);
    expect(last?.end).toBeGreaterThan(Date.now());
    expect(await stepsOf({ users: ['nobody'] })).toMatchObject({ at: [], end: 0 });
    await expect(stepsOf({ since: { at: Date.UTC(2020) } }, 'hour')).rejects.toMatchObject({
      name: 'BadQueryError',
    });
    await expect(store.measure({}, { measures: ['prompts'], timeZone: 'Mars' })).rejects.toMatchObject({
      name: 'BadQueryError',
    });
  });

  test(`${engine.name}: the latest thumb of each person on an answer counts, and a cleared one does not`, async () => {
    const store = await useStore(engine);
    const answers = ['a', 'b', 'c'].map((id, i): NewRecord => ({ ...numbered(i + 1), id }));
    await store.put(answers);
    const rating = (
      id: string,
      userId: string,
      properties: NewRecord['properties'],
      minutes: number,
    ): NewRecord => ({
      ...event(id, 'Feedback', { record_id: 'a', ...properties }),
      userId,
      timestamp: new Date(START + minutes * 60_000).toISOString(),
    });
    const read = async (): Promise<unknown> =>
      (await store.measure({ ids: ['a', 'b', 'c'] }, { measures: ['rated', 'bad', 'badShare'] })).total;
    expect(await read()).toEqual({ values: [0, 0, null], n: [3, 0, 0] });
    await store.put([rating('1', 'ada', { score: -1 }, 1), rating('2', 'bob', { score: 1 }, 1)]);
    expect(await read()).toEqual({ values: [1, 1, 1], n: [3, 1, 1] });
    // A repeated delivery of the first does not make it the latest.
    await store.put([rating('3', 'ada', { score: 1 }, 2), rating('1', 'ada', { score: -1 }, 1)]);
    expect(await read()).toEqual({ values: [1, 0, 0], n: [3, 1, 1] });
    // Arrived later, but given before.
    await store.put([rating('4', 'ada', { score: -1 }, 1.5), rating('5', 'bob', { score: null }, 5)]);
    expect(await read()).toEqual({ values: [1, 0, 0], n: [3, 1, 1] });
    await store.put([rating('6', 'ada', { cleared: true }, 6)]);
    expect(await read()).toEqual({ values: [0, 0, null], n: [3, 0, 0] });
    // At the same time, the one that arrived last counts.
    await store.put([rating('7', 'ada', { score: 1 }, 6), rating('8', 'ada', { comment: 'Hm.' }, 7)]);
    await store.put([rating('9', 'rita', { score: -1, source: 'Reviewer' }, 8)]);
    expect(await read()).toEqual({ values: [1, 0, 0], n: [3, 1, 1] });
    await store.remove({ ids: ['7'] });
    expect(await read()).toEqual({ values: [0, 0, null], n: [3, 0, 0] });
  });

  test(`${engine.name}: anonymous is not a person`, async () => {
    const store = await useStore(engine);
    await store.put([numbered(1), { ...numbered(2), userId: 'anonymous' }]);
    const { groups, total } = await store.measure({}, { measures: ['people', 'prompts'], by: 'user' });
    expect(groups.map(({ name, values }) => [name, ...values])).toEqual([
      ['user-1', 1, 1],
      ['anonymous', 0, 1],
    ]);
    expect(total.values).toEqual([1, 2]);
  });

  test(`${engine.name}: groups are ordered by any measure, nulls last, and equal ones by name`, async () => {
    const store = await useStore(engine);
    await store.put([
      numbered(1, 5),
      numbered(2, 9),
      numbered(3),
      numbered(4, 5),
      numbered(5),
      numbered(7, 1),
    ]);
    const names = async (request: Omit<MeasureRequest, 'measures'>): Promise<readonly unknown[]> =>
      (await store.measure({}, { measures: ['latencyP95'], ...request })).groups.map(({ name }) => name);
    expect(await names({ by: 'user' })).toEqual(['user-2', 'user-1', 'user-0']);
    expect(await names({ by: 'thread' })).toEqual(['thread-2', 'thread-1', null, 'thread-3']);
    expect(await names({ by: 'thread', limit: 2 })).toEqual(['thread-2', 'thread-1']);
    expect(await names({ by: 'thread', orderBy: 'prompts' })).toEqual([
      'thread-1',
      'thread-3',
      'thread-2',
      null,
    ]);
  });

  test(`${engine.name}: texts that are numbers are numbers of a property, and others are none`, async () => {
    const store = await useStore(engine);
    const texts: readonly [unknown, number | null][] = [
      ['12', 12],
      ['+5', 5],
      ['-.5', -0.5],
      ['5.', 5],
      [' \u00a01e2\n', 100],
      ['2.5E-3', 0.0025],
      ['0.1', 0.1],
      [1e21, 1e21],
      [5e-324, 5e-324],
      [-0.1, -0.1],
      ['1e999', null],
      ['0x10', null],
      ['1 2', null],
      ['1_000', null],
      ['', null],
      ['٣', null],
      ['Infinity', null],
      ['nan', null],
      [true, null],
      [null, null],
      [[1], null],
      [{ a: 1 }, null],
      ['"7"', null],
    ];
    await store.put(
      texts.map(([value], id) => ({
        ...numbered(id),
        properties: { x: value as NewRecord['properties'][string] },
      })),
    );
    await store.put([
      event('call', 'LLM call', { turn_id: '1', x: 77 }),
      event('no call', 'Export', { turn_id: '', x: 8 }),
    ]);
    for (const [id, [, expected]] of texts.entries()) {
      const { total } = await store.measure(
        { ids: [String(id)] },
        { measures: [{ property: 'x', of: 'p50' }] },
      );
      expect([id, total]).toEqual([id, { values: [expected], n: [expected === null ? 0 : 1] }]);
    }
    const { total } = await store.measure({ kinds: ['event'] }, { measures: [{ property: 'x', of: 'sum' }] });
    expect(total).toEqual({ values: [8], n: [1] });
  });

  test(`${engine.name}: prompts with their versions are groups of pairs, beside the records without a version`, async () => {
    const store = await useStore(engine);
    const properties: readonly NewRecord['properties'][] = [
      { prompt_name: 'refund', prompt_version: 1 },
      { prompt_name: 'refund', prompt_version: '1' },
      { prompt_name: 'refund', prompt_version: '2/"\u00e4' },
      { prompt_name: 'answer', prompt_version: 1 },
      { prompt_name: 'answer' },
      { prompt_name: 'answer', prompt_version: null },
      { prompt_version: 1 },
      { prompt_name: '', prompt_version: '1' },
      {},
    ];
    await store.put(properties.map((own, id): NewRecord => ({ ...numbered(id + 1), properties: own })));
    const by = { pair: ['prompt_name', 'prompt_version'] } as const;
    const read = async (query: RecordQuery, limit: number) => {
      const { groups, other, groupCount } = await store.measure(query, { measures: ['records'], by, limit });
      const named = groups.map(({ name, values }) => [name === null ? null : readPairName(name), values[0]]);
      return [...named, other?.values[0], groupCount];
    };
    const lists = [
      [null, 3],
      [['', '1'], 2],
      [['refund', '1'], 2],
      [['answer', '1'], 1],
      [['refund', '2/"\u00e4'], 1],
    ];
    expect(await read({}, 10)).toEqual([...lists, undefined, 5]);
    expect(await read({}, 3)).toEqual([...lists.slice(0, 3), 2, 5]);
    // Numbers of earlier questions must not be those of other records.
    await store.put([{ ...numbered(20), properties: { prompt_name: 'refund', prompt_version: 1 } }]);
    expect(await read({}, 1)).toEqual([[['refund', '1'], 3], 7, 5]);
  });

  test(`${engine.name}: repeated deliveries count once`, async () => {
    const store = await useStore(engine);
    const records = ownedMonth(2, 150, MONTHS.spring);
    await store.put(records);
    const request: MeasureRequest = { measures: MEASURES, by: 'organization', step: 'week', limit: 2 };
    const before = await store.measure({}, request);
    await store.put(records.slice(20, 90));
    await store.put(records.slice(0, 60));
    expect(await store.measure({}, request)).toEqual(before);
  });
}

/** Returns the given answer, and the one that counting again gives, as two values to compare. */
function groupsBoth(
  answer: MeasureAnswer,
  by: Dimension,
  limit: number,
  records: readonly StoredRecord[],
  all: readonly StoredRecord[],
): Both {
  const models = recountModels(records);
  const names = new Set(records.flatMap((record) => groupsOf(record, by)));
  if (by === 'model') for (const model of models.keys()) names.add(model);
  const listed = new Set(answer.groups.map(({ name }) => name));
  const plain = MEASURES.filter((measure) => by !== 'model' || !MOVED.includes(measure));
  const recordsOf = (name: string | null): readonly StoredRecord[] =>
    records.filter((record) => groupsOf(record, by).includes(name));
  const rest = records.filter((record) => groupsOf(record, by).some((name) => !listed.has(name)));
  const last = answer.groups.at(-1)?.values[0] ?? 0;
  const given = {
    total: answer.total,
    counts: [answer.groupCount, listed.size, answer.other?.groups ?? 0],
    groups: answer.groups.map(({ name, ...values }) => [name, pick(values, plain)]),
    moved: by === 'model' ? answer.groups.map(movedOf) : [],
    other: answer.other && pick(answer.other, plain),
    // Largest first: nothing of the rest is above the last that is listed.
    larger: [...names].filter((name) => !listed.has(name) && recordsOf(name).length > last),
  };
  const shown = Math.min(limit, names.size);
  const expected = {
    total: counted(MEASURES, records, all),
    counts: [names.size, shown, names.size - shown],
    groups: answer.groups.map(({ name }) => [name, counted(plain, recordsOf(name), all)]),
    moved: by === 'model' ? answer.groups.map(({ name }) => movedOfModel(name, models)) : [],
    other: names.size <= limit ? null : counted(plain, rest, all),
    larger: [],
  };
  return { given, expected };
}

interface Both {
  readonly given: unknown;
  readonly expected: unknown;
}

/** Returns the sums of all groups, and the totals. */
function sumsBoth({ groups, other, total }: MeasureAnswer): Both {
  const places = ADDITIVE.map((measure) => MEASURES.indexOf(measure));
  const sumOf = (place: number): number =>
    [...groups, ...(other ? [other] : [])].reduce((sum, { values }) => sum + (values[place] ?? 0), 0);
  return { given: places.map(sumOf), expected: places.map((place) => close(total.values[place] ?? 0)) };
}

type IsIn = (names: readonly (string | null)[]) => boolean;

/** Returns the given series, and those that a calendar gives. */
function seriesBoth(
  { total, groups, other, steps }: MeasureAnswer,
  { step, timeZone, by, measures }: MeasureRequest & { step: TimeStep; timeZone: string; by: Dimension },
  all: readonly StoredRecord[],
): Both {
  const { at = [], end = 0, outside } = steps ?? {};
  const plausible = all.filter(isPlausible);
  const nameOf = (time: number): string => stepName(time, step, timeZone);
  const byStep = new Map<string, StoredRecord[]>();
  for (const record of plausible) {
    const name = nameOf(Date.parse(record.timestamp));
    byStep.set(name, [...(byStep.get(name) ?? []), record]);
  }
  const listed = new Set(groups.map(({ name }) => name));
  const lists: (readonly [MeasuredValues, IsIn])[] = [
    [total, () => true],
    ...groups.map(
      (group) => [group, (names: readonly (string | null)[]) => names.includes(group.name)] as const,
    ),
    ...(other
      ? [[other, (names: readonly (string | null)[]) => names.some((name) => !listed.has(name))] as const]
      : []),
  ];
  const expectedOf = (isIn: IsIn, measure: Measure): readonly Counted[] =>
    at.map((start) => {
      const own = (byStep.get(nameOf(start)) ?? []).filter((record) => isIn(groupsOf(record, by)));
      return recountMeasure(measure, own, all);
    });
  const expected = lists.map(([, isIn]) => measures.map((measure) => expectedOf(isIn, measure)));
  return {
    given: {
      outside,
      // Each step begins with its unit of the calendar, and ends with it.
      starts: at.map((start) => nameOf(start - 1) === nameOf(start)),
      ends: at.map((start, index) => nameOf((at[index + 1] ?? end) - 1) === nameOf(start)),
      values: lists.map(([{ series }]) => series),
      n: lists.map(([{ seriesN }]) => seriesN),
    },
    expected: {
      outside: all.length - plausible.length,
      starts: at.map(() => false),
      ends: at.map(() => true),
      values: expected.map((list) => list.map((pairs) => pairs.map(([value]) => close(value)))),
      n: expected.map((list) => list.map((pairs) => pairs.map(([, n]) => n))),
    },
  };
}

function counted(
  measures: readonly Measure[],
  records: readonly StoredRecord[],
  all: readonly StoredRecord[],
): unknown {
  const pairs = measures.map((measure) => recountMeasure(measure, records, all));
  return { values: pairs.map(([value]) => close(value)), n: pairs.map(([, n]) => n) };
}

/** Fractions are summed up in another order. */
function close(value: number | null): unknown {
  return value === null || Number.isInteger(value) ? value : expect.closeTo(value, 6);
}

function pick({ values, n }: MeasuredValues, measures: readonly Measure[]): MeasuredValues {
  const places = measures.map((measure) => MEASURES.indexOf(measure));
  return { values: places.map((place) => values[place] ?? null), n: places.map((place) => n[place] ?? null) };
}

function movedOf({ name, ...values }: MeasuredGroup): unknown {
  return name === null
    ? null
    : Object.fromEntries(MOVED.map((measure, place) => [measure, pick(values, MOVED).values[place] ?? 0]));
}

function movedOfModel(name: string | null, models: ReadonlyMap<string, ModelCount>): unknown {
  if (name === null) return null;
  const { input, output, total, nanos, priced, unpriced } = models.get(name) ?? NO_COUNT;
  return {
    inputTokens: input,
    outputTokens: output,
    totalTokens: total,
    cost: close(nanos / 1e9),
    pricedCalls: priced,
    unpricedCalls: unpriced,
  };
}
