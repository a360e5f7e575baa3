import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { CATEGORIES_SETTING } from '../../../../src/server/insights/labels/categories.js';
import { formerKeyOf } from '../../../../src/server/insights/labels/intents.js';
import { contentKeyOf } from '../../../../src/server/insights/labels/label-properties.js';
import { Labelling } from '../../../../src/server/insights/labels/labelling.js';
import { Intake } from '../../../../src/server/ingest/intake.js';
import { StoreHealth } from '../../../../src/server/ingest/store-health.js';
import { Pricing } from '../../../../src/server/insights/prices/pricing.js';
import {
  MemoryStore,
  openFileStore,
  type NewRecord,
  type RecordStore,
} from '../../../../src/server/index.js';
import { outgoingTarget } from '../../../../src/server/security/outgoing-targets.js';
import { useFolder } from '../../../support/use-folder.js';
import { useScriptedServer } from '../../../support/use-scripted-server.js';
import type { Reply, ScriptedRequest } from '../../../support/scripted-server.js';

interface Asked {
  readonly prompt: string;
  readonly answer: string;
}

/** Returns the texts of a request. */
function askedIn({ body }: ScriptedRequest): Asked {
  const { messages } = JSON.parse(body) as { messages: readonly { content: string }[] };
  return JSON.parse(messages[1]?.content ?? '') as Asked;
}

function says(labels: Readonly<Record<string, string>>): Reply {
  return {
    status: 200,
    body: JSON.stringify({ choices: [{ message: { content: JSON.stringify(labels) } }] }),
  };
}

const LABELS = { intent: 'refund', sentiment: 'negative', outcome: 'done' };

let count = 0;

function prompt(fields: Partial<NewRecord & { prompt: string; generation: string }> = {}): NewRecord {
  count += 1;
  const timestamp = new Date(Date.now() - 60_000 + count).toISOString();
  return {
    kind: 'prompt',
    id: `r${count}`,
    userId: 'ada',
    prompt: `question ${count}`,
    generation: `answer ${count}`,
    timestamp,
    receivedAt: timestamp,
    tags: [],
    properties: {},
    ...fields,
  } as NewRecord;
}

/** A store, a service that answers by a script, and workers with a clock of their own. */
async function useLabelling(
  store: RecordStore,
  script: (request: ScriptedRequest) => Reply = () => says(LABELS),
) {
  const model = await useScriptedServer(script);
  const clock = { now: 1_000_000 };
  const intake = new Intake({ store, health: new StoreHealth(() => undefined), pricing: new Pricing() });
  const target = outgoingTarget(`${model.url}/v1/chat/completions`);
  const worker = (perMinute = 6000): Labelling =>
    new Labelling({
      store,
      service: { target, model: 'small', apiKey: 'the-key', perMinute },
      save: (labels) => intake.label(labels),
      steadyNow: () => clock.now,
    });
  /** Runs a worker until nothing waits, or so many times. */
  const run = async (one: Labelling, times = 50): Promise<number> => {
    let pause = 0;
    for (let index = 0; index < times && pause < 30_000; index++) {
      pause = await one.run();
      clock.now += pause;
    }
    return pause;
  };
  const labelsOf = async (): Promise<Record<string, unknown>> => {
    const { records } = await store.list({}, { limit: 1000 });
    return Object.fromEntries(
      records.map(({ id, properties: { label_status: status, label_intent: intent } }) => [
        id,
        typeof intent === 'string' && typeof status === 'string' ? `${status} ${intent}` : status,
      ]),
    );
  };
  return { model, clock, intake, worker, run, labelsOf };
}

describe('labels', () => {
  test('prompts get labels once, the same texts are asked about once, and filters and measures have them', async () => {
    const store = new MemoryStore();
    const { model, worker, run } = await useLabelling(store, (request) =>
      says({ ...LABELS, intent: askedIn(request).prompt.includes('2') ? 'Refunds' : 'refund' }),
    );
    await store.put([
      prompt({ id: 'a', prompt: 'question 1' }),
      prompt({ id: 'b', prompt: 'question 2', properties: { plan: 'pro' } }),
      prompt({ id: 'c', prompt: 'same', generation: 'same' }),
      prompt({ id: 'd', prompt: 'same', generation: 'same', userId: 'bob' }),
      prompt({ id: 'e', prompt: '', generation: ' ' }),
      prompt({ id: 'test', properties: { environment: 'test' } }),
      prompt({ id: 'old', timestamp: new Date(Date.now() - 8 * 86_400_000).toISOString() }),
      prompt({ id: 'own', properties: { label_intent: 'mine' } }),
    ]);
    const first = worker();
    await run(first);
    expect(model.requests).toHaveLength(3);
    expect(model.requests[0]).toMatchObject({
      path: '/v1/chat/completions',
      headers: { authorization: 'Bearer the-key' },
    });
    expect(JSON.parse(model.requests[0]?.body ?? '')).toMatchObject({ model: 'small', temperature: 0 });
    const records = await store.get(['a', 'b', 'c', 'd', 'e', 'test', 'old', 'own']);
    expect(records.get('b')?.properties).toEqual({
      plan: 'pro',
      label_status: 'done',
      label_content: expect.any(String) as string,
      label_intent: 'refund',
      label_sentiment: 'negative',
      label_outcome: 'done',
    });
    expect(records.get('d')?.properties).toMatchObject({ label_intent: 'refund' });
    expect(records.get('e')?.properties).toEqual({ label_status: 'empty' });
    expect(records.get('own')?.properties).toMatchObject({ label_intent: 'mine', label_status: 'sent' });
    for (const id of ['test', 'old']) expect(records.get(id)?.properties).not.toHaveProperty('label_status');
    expect(await first.status()).toMatchObject({ labelled: 4, waiting: 0, failed: 0, empty: 1, sent: 1 });
    const { groups } = await store.measure({}, { measures: ['prompts'], by: { property: 'label_intent' } });
    expect(groups.map(({ name, values }) => [name, values[0]])).toEqual([
      ['refund', 4],
      [null, 3],
      ['mine', 1],
    ]);
    // What has the same texts later, is not asked about either.
    await first.close();
    await store.put([prompt({ id: 'f', prompt: 'same', generation: 'same' })]);
    await run(worker());
    expect(model.requests).toHaveLength(3);
    expect((await store.get(['f'])).get('f')?.properties).toMatchObject({ label_status: 'done' });
  });

  test('labels survive a restart and a repeated delivery, and go with new texts and with their record', async () => {
    const file = join(await useFolder(), 'records.jsonl');
    const opened = await openFileStore({ file });
    const before = await useLabelling(opened);
    const record = prompt({ id: 'a' });
    const other = prompt({ id: 'b' });
    await before.intake.take([record, other]);
    const first = before.worker();
    await before.run(first);
    await first.close();
    await opened.close();
    const store = await openFileStore({ file });
    onTestFinished(() => store.close());
    const { model, intake, worker, run, labelsOf } = await useLabelling(store);
    const one = worker();
    await run(one);
    expect(model.requests).toEqual([]);
    await intake.take([record]);
    await intake.take([{ ...other, tags: ['new'] }]);
    expect(await labelsOf()).toEqual({ a: 'done refund', b: 'done refund' });
    await intake.take([{ ...record, generation: 'another answer' } as NewRecord]);
    expect(await labelsOf()).toMatchObject({ a: undefined });
    await run(one);
    expect(model.requests.map(askedIn)).toMatchObject([{ answer: 'another answer' }]);
    await store.erase({ ids: ['a'], keys: [] });
    expect(await labelsOf()).toEqual({ b: 'done refund' });
  });

  test('a record that is deleted, or changed, while it is asked about gets no labels', async () => {
    const store = new MemoryStore();
    const gone = prompt({ id: 'gone' });
    const changed = prompt({ id: 'changed' });
    const { worker, intake, run, labelsOf } = await useLabelling(store);
    await store.put([gone, changed]);
    const one = worker();
    const take = intake.label.bind(intake);
    intake.label = async (labels) => {
      if (labels.size > 0) await store.remove({ ids: ['gone'] });
      if (labels.has('changed')) await store.put([{ ...changed, generation: 'new' } as NewRecord]);
      return take(labels);
    };
    await run(one, 1);
    expect(await labelsOf()).toEqual({ changed: undefined });
  });

  test('a category that was renamed while a prompt was asked about, or since the same texts were labelled, has its new name', async () => {
    const store = new MemoryStore();
    const labelled = prompt();
    const properties = { label_status: 'done', label_intent: 'refund', label_sentiment: 'neutral' };
    const content = { label_outcome: 'done', label_content: contentKeyOf(labelled) ?? '' };
    await store.put([prompt({ id: 'asked' })]);
    const { worker, run, labelsOf, model } = await useLabelling(store, () => {
      const value = { names: ['money back'], renamed: { [formerKeyOf('refund')]: 'money back' } };
      void store.documents.put({ ...CATEGORIES_SETTING, value });
      return says(LABELS);
    });
    const one = worker();
    await run(one);
    expect(await labelsOf()).toEqual({ asked: 'done money back' });
    await store.put([
      { ...labelled, id: 'first', properties: { ...properties, ...content } },
      { ...labelled, id: 'again' },
    ]);
    await run(one);
    expect(await labelsOf()).toMatchObject({ first: 'done refund', again: 'done money back' });
    expect(model.requests).toHaveLength(1);
  });

  test('a category that is renamed while labels are stored has its new name', async () => {
    const store = new MemoryStore();
    await store.put([prompt({ id: 'asked' })]);
    const { worker, intake, run, labelsOf } = await useLabelling(store);
    const take = intake.label.bind(intake);
    const value = { names: ['money back'], renamed: { [formerKeyOf('refund')]: 'money back' } };
    intake.label = async (labels) => {
      await store.documents.put({ ...CATEGORIES_SETTING, value }, 0).catch(() => undefined);
      return take(labels);
    };
    await run(worker());
    expect(await labelsOf()).toEqual({ asked: 'done money back' });
  });

  test('a change of the categories that concerns none of the labels stores nothing again', async () => {
    const store = new MemoryStore();
    await store.put([prompt({ id: 'asked' })]);
    const { worker, intake, run, labelsOf } = await useLabelling(store);
    const take = intake.label.bind(intake);
    let stored = 0;
    intake.label = async (labels) => {
      // Whoever names categories does not keep the labeller busy.
      const value = { names: [`category ${stored++}`], renamed: { [formerKeyOf('delivery')]: 'order' } };
      if (stored < 10) await store.documents.put({ ...CATEGORIES_SETTING, value });
      return take(labels);
    };
    await run(worker());
    expect(stored).toBe(1);
    expect(await labelsOf()).toEqual({ asked: 'done refund' });
  });

  test('two servers over a store ask once', async () => {
    const store = new MemoryStore();
    const { model, worker, run } = await useLabelling(store);
    await store.put(Array.from({ length: 30 }, () => prompt()));
    const [first, second] = [worker(), worker()];
    await Promise.all([run(first), run(second)]);
    expect(model.requests).toHaveLength(30);
  });

  test('no more requests are made than the rate allows', async () => {
    const store = new MemoryStore();
    const { model, worker, clock } = await useLabelling(store);
    await store.put(Array.from({ length: 60 }, () => prompt()));
    const post = worker(30);
    const start = clock.now;
    await post.run();
    expect(model.requests).toHaveLength(20);
    expect(await post.run()).toBe(2000);
    while (clock.now < start + 60_000) clock.now += Math.max(1, await post.run());
    expect(model.requests.length).toBeGreaterThan(40);
    expect(model.requests.length).toBeLessThanOrEqual(20 + 30 + 1);
  });
});

describe('failures', () => {
  test('texts that the model cannot label are tried three times, counted, and left alone', async () => {
    const store = new MemoryStore();
    const { model, worker, run, labelsOf } = await useLabelling(store, (request) =>
      askedIn(request).prompt === 'odd' ? says({ intent: 'x' }) : says(LABELS),
    );
    await store.put([prompt({ id: 'odd', prompt: 'odd' }), prompt({ id: 'fine' })]);
    const one = worker();
    await run(one);
    await run(one);
    expect(await labelsOf()).toEqual({ odd: 'failed', fine: 'done refund' });
    expect(model.requests.filter((request) => askedIn(request).prompt === 'odd')).toHaveLength(3);
    expect(await one.status()).toMatchObject({ failed: 1, labelled: 1, waiting: 0 });
  });

  test.each([401, 404, 429, 503, 307])(
    'a service that answers %i is asked less and less, and nothing is given up',
    async (status) => {
      const store = new MemoryStore();
      const { model, worker, clock, run, labelsOf } = await useLabelling(store, () => ({ status }));
      await store.put(Array.from({ length: 30 }, () => prompt()));
      const one = worker();
      const end = clock.now + 3_600_000;
      let steps = 0;
      for (; clock.now < end; steps++) clock.now += Math.max(1, await one.run());
      // Two at first, then one that tells whether the service works again.
      expect(model.requests).toHaveLength(steps + 1);
      expect(steps).toBeLessThan(20);
      expect(await one.status()).toMatchObject({ problem: `status ${status}`, waiting: 30, failed: 0 });
      model.follow(() => says(LABELS));
      await run(one, 200);
      expect(new Set(Object.values(await labelsOf()))).toEqual(new Set(['done refund']));
      expect(await one.status()).toMatchObject({ problem: null });
    },
  );

  test('texts at which the service breaks are left alone after three times, and the others go on', async () => {
    const store = new MemoryStore();
    const { worker, clock, labelsOf } = await useLabelling(store, (request) =>
      askedIn(request).prompt === 'bomb' ? { status: 500 } : says(LABELS),
    );
    await store.put([prompt({ id: 'fine' }), prompt({ id: 'bomb', prompt: 'bomb' })]);
    const one = worker();
    for (let index = 0; index < 10; index++) clock.now += await one.run();
    expect(await labelsOf()).toEqual({ bomb: 'failed', fine: 'done refund' });
  });

  test('a service that refuses fields that are not needed is asked without them', async () => {
    const store = new MemoryStore();
    const { model, worker, run, labelsOf } = await useLabelling(store, ({ body }) =>
      body.includes('"temperature"') ? { status: 400 } : says(LABELS),
    );
    await store.put([prompt({ id: 'a' }), prompt({ id: 'b' })]);
    await run(worker());
    expect(await labelsOf()).toEqual({ a: 'done refund', b: 'done refund' });
    expect(model.requests.length).toBeLessThanOrEqual(4);
  });

  test('two requests are made at a time, and a server that stops ends them, so that the prompts wait', async () => {
    const store = new MemoryStore();
    const { model, worker, labelsOf } = await useLabelling(store, () => 'hang');
    await store.put([prompt({ id: 'a' }), prompt({ id: 'b' }), prompt({ id: 'c' })]);
    const one = worker();
    const running = one.run();
    while (model.requests.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
    one.stop();
    await running;
    await one.close();
    expect(await labelsOf()).toEqual({ a: undefined, b: undefined, c: undefined });
    expect(model.requests).toHaveLength(2);
    expect(await store.documents.count('lease')).toBe(0);
  });
});
