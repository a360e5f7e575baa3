import { expect, test } from 'vitest';
import { AgeLimits } from '../../../src/server/privacy/age-limits.js';
import type { NewRecord, RecordStore } from '../../../src/server/index.js';
import type { MeasureName } from '../../../src/server/query/measure-request.js';
import type { Engine } from './engine.js';
import { exported, exportedAsLines, getOne, idsOf, useStore } from './stored.js';

const DAY = 86_400_000;
const NOW = Date.UTC(2026, 5, 30, 12);
/** A word in every text that a record has. */
const SECRET = 'xylophone';

/** A prompt of so many days ago, with a text wherever one can be. */
function aged(id: string, days: number, properties: NewRecord['properties'] = {}): NewRecord {
  const timestamp = new Date(NOW - days * DAY).toISOString();
  return {
    kind: 'prompt',
    id,
    userId: `user-${days % 3}`,
    threadId: `thread-${days % 4}`,
    prompt: `Where is my ${SECRET}?`,
    generation: `Your ${SECRET} is here`,
    assistantId: `model-${days % 2}`,
    latency: days / 10,
    timestamp,
    receivedAt: timestamp,
    tags: ['all'],
    properties: {
      input_tokens: days,
      cost: 0.25,
      environment: 'production',
      organization_id: `org-${days % 2}`,
      system_prompt: SECRET,
      messages: [{ role: 'user', content: SECRET }],
      plan: 'pro',
      ...properties,
    },
  };
}

function feedback(id: string, days: number, properties: NewRecord['properties']): NewRecord {
  const { timestamp, receivedAt } = aged(id, days);
  const given = { comment: `A bad ${SECRET}`, ...properties };
  return {
    kind: 'event',
    id,
    userId: 'ada',
    event: 'Feedback',
    timestamp,
    receivedAt,
    tags: [],
    properties: given,
  };
}

/** Twenty prompts of 1 to 20 days ago, a failed one, ratings and an evaluation. */
function records(): NewRecord[] {
  return [
    ...Array.from({ length: 20 }, (_, index) => aged(`p${index + 1}`, index + 1)),
    aged('failed', 15, { error_type: 'Timeout' }),
    {
      ...feedback('error', 16, { prompt: SECRET, model: 'model-0', error_type: 'RateLimit' }),
      event: 'LLM error',
    } as NewRecord,
    feedback('bad', 14, { record_id: 'p14', label: 'thumbs down' }),
    feedback('good', 13, { record_id: 'p13', score: 1, feedback_type: 'thumbs' }),
    feedback('eval', 12, { record_id: 'p12', name: 'faithful', score: 0.25, explanation: SECRET }),
  ];
}

const MEASURES: readonly MeasureName[] = [
  'records',
  'prompts',
  'requests',
  'errors',
  'people',
  'threads',
  'inputTokens',
  'cost',
  'pricedCalls',
  'rated',
  'bad',
  'latencyP95',
];

/** Every number that a page shows. */
async function numbersOf(store: RecordStore): Promise<unknown> {
  const by = [
    undefined,
    'model',
    'user',
    'organization',
    { property: 'environment' },
    { property: 'error_type' },
  ] as const;
  return {
    statistics: await store.statistics({}, 30),
    measures: await Promise.all(
      by.map((dimension) => store.measure({}, { measures: MEASURES, ...(dimension && { by: dimension }) })),
    ),
    people: (await store.users({}, 100)).users,
    threads: (await store.threads({}, 100)).threads.map(({ firstPrompt: _text, ...thread }) => thread),
  };
}

/** What every engine has to promise for records that are too old. */
export function checkAges(engine: Engine): void {
  test(`${engine.name}: texts that are too old are erased, and no number changes`, async () => {
    const store = await useStore(engine);
    await store.put(records());
    const before = await numbersOf(store);
    const ages = new AgeLimits({ store, textDays: 10, now: () => NOW });
    await ages.run();
    expect(await numbersOf(store)).toEqual(before);
    const found = await store.list({ terms: [{ text: SECRET }] }, { limit: 100, order: 'time' });
    expect(found.records.map(({ id }) => id)).toEqual(['p1', 'p2', 'p3', 'p4', 'p5', 'p6', 'p7', 'p8', 'p9']);
    const old = (await exported(store)).filter(({ timestamp }) => Date.parse(timestamp) <= NOW - 10 * DAY);
    expect(old).toHaveLength(16);
    expect(
      JSON.stringify([old, (await exportedAsLines(store)).filter(({ id }) => id === 'p11')]),
    ).not.toContain(SECRET);
    expect(await getOne(store, 'p11')).toMatchObject({
      prompt: '',
      generation: '',
      properties: { text_erased: true, cost: 0.25, environment: 'production', organization_id: 'org-1' },
    });
    expect((await getOne(store, 'p11'))?.properties).not.toHaveProperty('plan');
    expect((await store.sample({}, 100)).requests.filter(({ text }) => text.includes(SECRET))).toHaveLength(
      9,
    );
    const { cursor } = await store.changes(undefined, 0);
    await ages.run();
    expect((await store.changes(cursor, 10)).records).toEqual([]);
  });

  test(`${engine.name}: properties that are said to hold no texts stay, and what arrives too old is stored without its texts`, async () => {
    const store = await useStore(engine);
    await store.documents.put({
      kind: 'setting',
      name: 'numbers-properties',
      value: { properties: ['plan'] },
    });
    const ages = new AgeLimits({ store, textDays: 10, now: () => NOW });
    const [late, fresh] = await ages.admit([aged('late', 30), aged('fresh', 3)]);
    expect(late).toMatchObject({ prompt: '', properties: { plan: 'pro', text_erased: true } });
    expect(JSON.stringify(late)).not.toContain(SECRET);
    expect(fresh).toEqual(aged('fresh', 3));
  });

  test(`${engine.name}: an erasure of texts that has not ended is done again, and each text goes on its day`, async () => {
    const store = await useStore(engine);
    let now = NOW;
    const ages = new AgeLimits({ store, textDays: 10, now: () => now });
    await store.put([aged('a', 12), aged('b', 9)]);
    await ages.run();
    const texts = async (): Promise<readonly string[]> => idsOf(store, { terms: [{ text: SECRET }] });
    expect(await texts()).toEqual(['b']);
    now += 2 * DAY;
    await ages.run();
    expect(await texts()).toEqual([]);
    // A server without the option has taken it in.
    await store.put([aged('c', 40)]);
    await ages.run();
    expect(await texts()).toEqual(['c']);
    now += 7 * DAY;
    await ages.run();
    expect(await texts()).toEqual([]);
    await store.put([aged('d', 50)]);
    const { value, ...document } = (await store.documents.get('history', 'texts')) ?? { value: {} };
    await store.documents.put({
      kind: 'history',
      name: 'texts',
      value: { ...Object(value), isPending: true },
    });
    expect(document).toMatchObject({ kind: 'history' });
    await ages.run();
    expect(await texts()).toEqual([]);
  });

  test(`${engine.name}: records whose texts were erased by an older rule are looked at once more, and no further time`, async () => {
    const store = await useStore(engine);
    const ages = new AgeLimits({ store, textDays: 10, now: () => NOW });
    await store.put([aged('a', 12), aged('b', 12, { tool_calls: [{ name: 'look', for: SECRET }] })]);
    await ages.run();
    const [a, b] = [await getOne(store, 'a'), await getOne(store, 'b')];
    expect(b?.properties['tool_calls']).toEqual([{ name: 'look' }]);
    // As a server of before has left it.
    const older = aged('b', 12, { text_erased: true, tool_calls: [{ name: 'look', for: SECRET }] });
    const again = async (): Promise<readonly string[]> => {
      await store.put([older]);
      const { cursor } = await store.changes(undefined, 0);
      await ages.run();
      return (await store.changes(cursor, 10)).records.map(({ id }) => id);
    };
    expect(await again()).toEqual([]);
    const value = {
      until: new Date(NOW).toISOString(),
      fullAt: new Date(NOW).toISOString(),
      isPending: false,
    };
    await store.documents.put({ kind: 'history', name: 'texts', value });
    await store.documents.put({ kind: 'history', name: 'texts-rule', value: { ...value, rule: 1 } });
    expect(await again()).toEqual(['b']);
    expect([await getOne(store, 'a'), await getOne(store, 'b')]).toMatchObject([
      { seq: a?.seq, properties: a?.properties },
      { properties: { tool_calls: [{ name: 'look' }], text_erased: true } },
    ]);
    expect(await again()).toEqual([]);
  });

  test(`${engine.name}: beside a server with an older rule, all of time is looked at once a week at most`, async () => {
    const store = await useStore(engine);
    let now = NOW;
    const ages = new AgeLimits({ store, textDays: 10, now: () => now });
    await store.put([aged('far', 40), aged('near', 12)]);
    await ages.run();
    const withText = { text_erased: true, tool_calls: [{ name: 'look', for: SECRET }] };
    /** The other server looks, and erases less of two records; then this one looks. Returns what that erases. */
    const lookAfterOther = async (): Promise<unknown> => {
      const since = (now - NOW) / DAY;
      await store.put([aged('far', 40, withText), aged(`near ${since}`, 10 - since, withText)]);
      const until = new Date(now - 10 * DAY).toISOString();
      const { fullAt } = Object((await store.documents.get('history', 'texts'))?.value) as { fullAt: string };
      const value = { until, fullAt, isPending: false };
      await store.documents.put({ kind: 'history', name: 'texts', value });
      const { cursor } = await store.changes(undefined, 0);
      await ages.run();
      return new Set((await store.changes(cursor, 10)).records.map(({ id }) => id.split(' ')[0]));
    };
    for (let looks = 0; looks < 6; looks++) {
      expect([looks, await lookAfterOther()]).toEqual([looks, new Set(['near'])]);
      now += DAY / 4;
    }
    now = NOW + 7 * DAY;
    expect(await lookAfterOther()).toEqual(new Set(['near', 'far']));
    // The other server has gone, and has erased the far one before.
    now += DAY / 4;
    expect(await lookAfterOther()).toEqual(new Set(['near']));
    now += 7 * DAY;
    await ages.run();
    expect(JSON.stringify(await exported(store))).not.toContain(SECRET);
    // No further time.
    await store.put([aged('far', 40, withText)]);
    now += 7 * DAY;
    await ages.run();
    expect((await getOne(store, 'far'))?.properties['tool_calls']).toEqual(withText.tool_calls);
  });

  test(`${engine.name}: records that are too old are deleted, and history is cut from then on`, async () => {
    const store = await useStore(engine);
    await store.put(records());
    const ages = new AgeLimits({ store, days: 15, textDays: 10, now: () => NOW });
    await ages.run();
    const left = await exported(store);
    expect(left.map(({ id }) => id)).not.toContain('p15');
    expect(left.map(({ id }) => id)).toContain('p14');
    expect(left.find(({ id }) => id === 'p14')).toMatchObject({ prompt: '' });
    const activity = await store.activity({}, { step: 'day', limit: 3 });
    expect(activity.isUncertain).toBe(true);
    await store.put([aged('again', 20)]);
    await ages.run();
    expect(await idsOf(store)).not.toContain('again');
  });
}
