import { expect, test } from 'vitest';
import { readSides } from '../../../src/server/http/measure/compared-sides.js';
import { readSummary } from '../../../src/server/http/summary/read-summary.js';
import { SUMMARY_PARTS } from '../../../src/server/insights/summary/summary.js';
import type { Change } from '../../../src/server/insights/compare/change.js';
import type { NewRecord, RecordStore, StoredRecord } from '../../../src/server/index.js';
import type { Engine } from './engine.js';
import { MONTHS } from './month.js';
import { ownedMonth } from './owned-month.js';
import { stepName } from './recount-measures.js';
import { isError } from './recount.js';
import { SummaryRecount } from './recount-summary.js';
import { exported, useStore } from './stored.js';

/** Two weeks from Monday to Monday, on the clocks of these places; in the second one, clocks are set in New York. */
export const WEEKS = {
  UTC: ['2026-03-02T00:00:00Z', '2026-03-09T00:00:00Z', '2026-03-16T00:00:00Z'],
  'America/New_York': ['2026-03-02T05:00:00Z', '2026-03-09T04:00:00Z', '2026-03-16T04:00:00Z'],
  'Asia/Kathmandu': ['2026-03-01T18:15:00Z', '2026-03-08T18:15:00Z', '2026-03-15T18:15:00Z'],
} as const;
const SPAN = { from: MONTHS.spring.from - 9 * 86_400_000, to: Date.UTC(2026, 2, 17) };

const CHANGING_RECORDS = changingRecords();

/** Returns records of an application that changes: a release and a version of a prompt begin in the second week. */
function changingRecords(): NewRecord[] {
  return ownedMonth(11, 450, SPAN).map((record, i) => {
    const isLate = Date.parse(record.timestamp) > Date.UTC(2026, 2, 10);
    return {
      ...record,
      // People with few requests, who come and go.
      ...(i % 3 === 0 && { userId: `guest-${(i * 31) % 90}` }),
      properties: {
        ...record.properties,
        service_version: isLate && i % 3 > 0 ? '2.0' : i % 5 === 0 ? '0.9' : '1.0',
        ...(i % 4 > 0 && { prompt_name: i % 2 === 0 ? 'answer' : 'greet' }),
        prompt_version: isLate && i % 2 === 0 ? 8 : 7,
      },
    };
  });
}

/** Holds an engine to the definitions of a summary in docs/numbers.md: everything is counted again from the records that it exports. */
export function checkSummary(engine: Engine): void {
  test.each(Object.entries(WEEKS))(
    `${engine.name}: every number of a summary of a week in %s is the one that a plain count gives`,
    async (zone, [first, middle, end]) => {
      const store = await useStore(engine);
      await store.put(CHANGING_RECORDS);
      const [a, b, c] = [Date.parse(first), Date.parse(middle), Date.parse(end)];
      const summary = await summaryOf(store, { since: middle, until: String(c - 1), timezone: zone });
      expect(summary.periods).toEqual({
        current: { from: b, to: c },
        before: { from: a, to: b },
        isRunning: false,
      });
      const recount = new SummaryRecount(await exported(store), { from: b, to: c }, { from: a, to: b });
      const { people, outcomes, cost, changes, steps } = summary;

      expect(people.flow).toEqual({ ...recount.flow(), isUncertain: false });
      expect(numbersOf(people.people)).toEqual(recount.measure('people'));
      expect(numbersOf(people.requests)).toEqual(recount.measure('requests'));
      expect(numbersOf(people.conversations)).toEqual(recount.measure('threads'));
      const isAnonymous = ({ userId }: StoredRecord) => userId === 'anonymous';
      expect(numbersOf(people.anonymous)).toEqual(recount.measure('requests', isAnonymous));
      expect(people.people.value).toBeGreaterThan(10);
      expect(Object.values(recount.flow()).every((count) => count > 0)).toBe(true);

      for (const measure of ['errorRate', 'badShare', 'latencyP95'] as const)
        expect(numbersOf(outcomes[measure])).toEqual(recount.measure(measure));
      expect(numbersOf(outcomes.ratedShare)).toEqual(recount.ratio('rated', 'prompts'));
      const errors = recount.ranking({ property: 'error_type' }, 'errors', isError).slice(0, 5);
      expect(outcomes.errorTypes.map(({ name, change }) => ({ name, values: numbersOf(change) }))).toEqual(
        errors,
      );

      expect(rounded(numbersOf(cost.cost))).toEqual(rounded(recount.measure('cost')));
      expect(numbersOf(cost.unpricedCalls)).toEqual(recount.measure('unpricedCalls'));
      expect(rounded(numbersOf(cost.costPerCall))).toEqual(rounded(recount.ratio('cost', 'pricedCalls')));
      expect(rounded(numbersOf(cost.costPerPerson))).toEqual(rounded(recount.ratio('cost', 'people')));
      expect(cost.customers.by).toBe('organization');
      const customers = recount
        .ranking('organization', 'cost')
        .filter(({ values }) => (values[0] ?? 0) + (values[1] ?? 0) > 0);
      expect(
        cost.customers.groups.map(({ name, change }) => ({ name, values: rounded(numbersOf(change)) })),
      ).toEqual(customers.slice(0, 5).map(({ name, values }) => ({ name, values: rounded(values) })));
      const byOutcome = Object.fromEntries(
        cost.byOutcome.map(({ outcome, count, cost: dollars }) => [
          outcome,
          { count, cost: roundedOne(dollars) },
        ]),
      );
      const counted = Object.entries(recount.outcomes());
      expect(byOutcome).toEqual(
        Object.fromEntries(counted.map(([name, sum]) => [name, { ...sum, cost: roundedOne(sum.cost) }])),
      );
      expect(counted.length).toBe(4);

      const { total, dimensions } = changes;
      expect(numbersOf(total.errorRate)).toEqual(recount.measure('errorRate'));
      const arrivals = dimensions.map(({ dimension, isKnown, arrivals: list }) => ({
        dimension,
        isKnown,
        arrivals: list.map((one) => ({
          name: one.name,
          predecessor: one.predecessor,
          now: (['requests', 'errorRate', 'badShare', 'latencyP95'] as const).map((name) => one[name].value),
          before: (['requests', 'errorRate', 'badShare', 'latencyP95'] as const).map(
            (name) => one[name].before,
          ),
        })),
      }));
      const ofPrompt = (name: string) =>
        recount.arrivals('prompt_version', ({ properties }) => properties['prompt_name'] === name);
      const prompts = recount
        .ranking({ property: 'prompt_name' }, 'requests')
        .flatMap(({ name }) => name ?? []);
      expect(arrivals).toEqual([
        { dimension: 'release', isKnown: true, arrivals: recount.arrivals('service_version') },
        { dimension: 'prompt', isKnown: true, arrivals: [] },
        { dimension: 'prompt_version', isKnown: true, arrivals: prompts.flatMap(ofPrompt) },
        { dimension: 'model', isKnown: true, arrivals: [] },
      ]);
      expect(recount.arrivals('service_version').map(({ name }) => name)).toEqual(['2.0']);
      expect(dimensions[2]?.arrivals.map(({ prompt, name }) => [prompt, name])).toEqual([['answer', '8']]);

      const days = steps.at.map((at) => stepName(at, 'day', zone));
      expect(days).toHaveLength(7);
      const series = { ...people.series, ...outcomes.series };
      for (const measure of ['people', 'requests', 'errorRate'] as const)
        expect(Object.fromEntries(days.map((day, i) => [day, series[measure][i] ?? null]))).toMatchObject(
          recount.days(measure, zone),
        );
    },
  );

  test(`${engine.name}: a summary of the same days of the week before counts who was here in the gap as resurrected`, async () => {
    const store = await useStore(engine);
    await store.put(CHANGING_RECORDS);
    const [from, to] = [Date.UTC(2026, 2, 11), Date.UTC(2026, 2, 14)];
    const before = { from: Date.UTC(2026, 2, 4), to: Date.UTC(2026, 2, 7) };
    const summary = await summaryOf(store, {
      since: String(from),
      until: String(to - 1),
      against: 'same-weekday',
    });
    expect(summary.periods?.before).toEqual(before);
    const recount = new SummaryRecount(await exported(store), { from, to }, before);
    expect(summary.people.flow).toEqual({ ...recount.flow(), isUncertain: false });
    expect(recount.flow().resurrected).toBeGreaterThan(0);
  });

  test(`${engine.name}: a summary compares two filters, and says nothing of who came back between them`, async () => {
    const store = await useStore(engine);
    await store.put(CHANGING_RECORDS);
    const summary = await summaryOf(store, {
      since: '2026-03-02',
      'prop.service_version': '2.0',
      against: 'prop.service_version=1.0',
    });
    const count = async (version: string): Promise<number> =>
      (await exported(store, { properties: [{ name: 'service_version', values: [version] }] })).filter(
        (record) =>
          Date.parse(record.timestamp) >= Date.UTC(2026, 2, 2) &&
          (record.kind === 'prompt' || isError(record)),
      ).length;
    expect([summary.periods, summary.people.flow]).toEqual([null, null]);
    expect(numbersOf(summary.people.requests)).toEqual([await count('2.0'), await count('1.0')]);
  });

  test(`${engine.name}: a summary of nothing has no rates, no groups and no steps that are not there`, async () => {
    const store = await useStore(engine);
    const { people, outcomes, cost, changes } = await summaryOf(store, { since: '7d' });
    expect(people.flow).toEqual({ new: 0, returning: 0, resurrected: 0, gone: 0, isUncertain: false });
    expect(outcomes).toMatchObject({ errorRate: { value: null, n: 0 }, errorTypes: [] });
    expect(cost).toMatchObject({ cost: { value: null }, models: [], byOutcome: [] });
    expect(changes.dimensions.map(({ isKnown, arrivals }) => [isKnown, arrivals])).toEqual(
      Array.from({ length: 4 }, () => [false, []]),
    );
  });
}

async function summaryOf(store: RecordStore, parameters: Record<string, string>) {
  const params = new URLSearchParams({ internal: 'show', ...parameters });
  const zone = parameters['timezone'] ?? 'UTC';
  return readSummary(store, await readSides(params, store.documents, zone), zone, SUMMARY_PARTS);
}

function numbersOf({ value, before }: Change): readonly [number | null, number | null] {
  return [value, before];
}

/** Sums of fractions depend on the order in which they are added. */
function rounded(values: readonly (number | null)[]): (number | null)[] {
  return values.map(roundedOne);
}

function roundedOne(value: number | null): number | null {
  return value === null ? null : Number(value.toPrecision(9));
}
