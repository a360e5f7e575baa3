import { createHmac } from 'node:crypto';
import { describe, expect, test, vi } from 'vitest';
import { LEASE_MS } from '../../../../src/server/background/lease.js';
import type { AlertRuleValue } from '../../../../src/server/insights/alerts/alert-rule.js';
import { AlertWatch } from '../../../../src/server/insights/alerts/alert-watch.js';
import { MemoryStore, VersionConflictError, type NewRecord } from '../../../../src/server/index.js';
import type { OutgoingResponse, OutgoingTarget } from '../../../../src/server/security/outgoing-targets.js';
import { AuditLog } from '../../../../src/server/privacy/audit-log.js';
import { Eraser } from '../../../../src/server/privacy/eraser.js';
import { OutgoingError } from '../../../../src/server/security/outgoing-targets.js';

interface Posted {
  readonly at: number;
  readonly to: string;
  readonly id: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly changes: readonly { readonly group: string | null; readonly to: string }[];
}

type Reply = () => Promise<OutgoingResponse> | number;

/** Servers over one store, a clock for all of them, and what their webhooks get. */
function useWatches(
  rules: Readonly<Record<string, AlertRuleValue>>,
  hosts: readonly string[] = ['a.example'],
) {
  const store = new MemoryStore();
  const clock = { now: Date.UTC(2026, 10, 1, 12) };
  const posted: Posted[] = [];
  const replies: { of: Reply } = { of: () => 204 };
  const targets = hosts.map((host): OutgoingTarget => ({
    host,
    url: `https://${host}/secret`,
    async post({ body, headers = {} }) {
      const { data } = JSON.parse(body) as { data: { changes: Posted['changes'] } };
      const id = headers['webhook-id'] ?? '';
      posted.push({ at: clock.now, to: host, id, headers, body, changes: data.changes });
      const reply = await replies.of();
      return typeof reply === 'number' ? { status: reply, body: '' } : reply;
    },
  }));
  const watch = (): AlertWatch =>
    new AlertWatch({
      store,
      targets,
      secret: 'signing-secret',
      project: 'shop',
      now: () => clock.now,
      steadyNow: () => clock.now,
    });
  const ready = Promise.all(
    Object.entries(rules).map(([name, value]) =>
      store.documents.put({ kind: 'rule', name, value: { ...value } }),
    ),
  );
  let count = 0;
  const record = (fields: Partial<NewRecord> & { readonly cost?: number; readonly isError?: boolean }) => {
    const { cost, isError = false, ...others } = fields;
    const timestamp = new Date(clock.now).toISOString();
    return store.put([
      {
        kind: 'prompt',
        id: `r${count++}`,
        userId: 'ada',
        prompt: 'p',
        generation: 'g',
        timestamp,
        receivedAt: timestamp,
        tags: [],
        ...others,
        properties: {
          ...(cost !== undefined && { cost, cost_source: 'sent' }),
          ...(isError && { error_type: 'Error' }),
          ...others.properties,
        },
      } as NewRecord,
    ]);
  };
  /** Runs servers once a minute. */
  const run = async (minutes: number, ...watches: readonly AlertWatch[]): Promise<void> => {
    await ready;
    for (let minute = 0; minute < minutes; minute++) {
      await Promise.all(watches.map((one) => one.run()));
      clock.now += 60_000;
    }
  };
  return { store, clock, posted, replies, watch, record, run };
}

const SPEND: AlertRuleValue = { measure: 'cost', by: 'organization', window: '1h', above: 1, hold: '2m' };

describe('alerts of two servers over one store', () => {
  test('each change is posted once, with a signature and what changed', async () => {
    const { watch, record, run, posted, store, clock } = useWatches({ spend: SPEND });
    const [first, second] = [watch(), watch()];
    await record({ cost: 0.75, properties: { organization_id: 'acme' } });
    await record({ cost: 0.75, properties: { organization_id: 'globex' } });
    await run(3, first, second);
    await record({ cost: 0.5, properties: { organization_id: 'acme' } });
    await run(70, first, second);
    expect(posted.map(({ changes }) => changes)).toEqual([
      [{ group: 'acme', from: 'ok', to: 'alerting', value: 1.25, n: 2 }],
      [{ group: 'acme', from: 'alerting', to: 'ok', value: 0.5, n: 1 }],
    ]);
    const [message] = posted;
    const { body = '', headers = {}, id = '' } = message ?? {};
    const timestamp = headers['webhook-timestamp'] ?? '';
    expect(Number(timestamp)).toBe(Math.floor((message?.at ?? 0) / 1000));
    const expected = createHmac('sha256', 'signing-secret').update(`${id}.${timestamp}.${body}`);
    expect(headers['webhook-signature']).toBe(`v1,${expected.digest('base64')}`);
    expect(JSON.parse(body)).toMatchObject({
      type: 'alert.changed',
      text: 'spend (cost by organization above $1.00 in 1h)\nALERTING: acme: $1.25 (n = 2)',
      data: { project: 'shop', rule: 'spend', measure: 'cost', by: 'organization', above: 1, below: null },
    });
    const { rules } = await second.list();
    expect(rules[0]).toMatchObject({ alerting: [], reading: { isComplete: true, at: clock.now } });
    expect(
      rules[0]?.history.map(({ posts }) => posts.map(({ status, attempts }) => [status, attempts])),
    ).toEqual([[['posted', 1]], [['posted', 1]]]);
    expect(JSON.stringify(await store.documents.list('alert'))).not.toContain('secret');
  });

  test('the other server goes on when the leader is gone, and tells nothing twice', async () => {
    const { watch, record, run, posted } = useWatches({ spend: SPEND });
    const [first, second] = [watch(), watch()];
    await record({ cost: 2, properties: { organization_id: 'acme' } });
    await run(4, first, second);
    expect(posted).toHaveLength(1);
    await run(LEASE_MS / 60_000 + 60, second);
    expect(posted.map(({ changes }) => changes[0]?.to)).toEqual(['alerting', 'ok']);
    await run(10, first, second);
    expect(posted).toHaveLength(2);
  });

  test('a leader that ends hands over at once', async () => {
    const { watch, record, run, posted } = useWatches({ spend: { ...SPEND, hold: '0s' } });
    const [first, second] = [watch(), watch()];
    await run(2, first, second);
    await first.close();
    await record({ cost: 2, properties: { organization_id: 'acme' } });
    await run(1, second);
    expect(posted).toHaveLength(1);
  });

  test('a leader that stands still, and comes back after another has taken its place, tells nothing', async () => {
    const { watch, record, run, posted, clock, store } = useWatches({ spend: { ...SPEND, hold: '0s' } });
    const [first, second] = [watch(), watch()];
    await run(1, first, second);
    await record({ cost: 2, properties: { organization_id: 'acme' } });
    const measure = store.measure.bind(store);
    let isStill = false;
    store.measure = async (...request) => {
      if (isStill) return measure(...request);
      isStill = true;
      clock.now += LEASE_MS;
      await second.run();
      return measure(...request);
    };
    await first.run();
    await run(5, first, second);
    expect(posted).toHaveLength(1);
    expect(isStill).toBe(true);
  });
});

describe('webhooks', () => {
  test('one that fails is told again with the same id, later each time, and is given up at last', async () => {
    const { watch, record, run, posted, clock, replies } = useWatches({ spend: { ...SPEND, hold: '0s' } }, [
      'down.example',
      'up.example',
    ]);
    const server = watch();
    await record({ cost: 2, properties: { organization_id: 'acme' }, timestamp: '2026-11-01T12:00:00.000Z' });
    let calls = 0;
    replies.of = () => {
      calls += 1;
      if (posted.at(-1)?.to === 'up.example') return 200;
      if (calls % 2 === 0) throw new OutgoingError('ECONNREFUSED');
      return 503;
    };
    await run(0);
    const end = clock.now + 9 * 3_600_000;
    while (clock.now < end) clock.now += await server.run();
    const first = posted.filter(({ to, id }) => to === 'down.example' && id === posted[0]?.id);
    expect(first).toHaveLength(8);
    const pauses = first.map(({ at }, index) => at - (first[index - 1]?.at ?? at));
    expect(pauses.slice(1)).toEqual(pauses.slice(1).toSorted((a, b) => a - b));
    expect(posted.filter(({ to }) => to === 'up.example').map(({ changes }) => changes[0]?.to)).toEqual([
      'alerting',
      'ok',
    ]);
    const { rules } = await server.list();
    const statuses = rules[0]?.history.map(({ posts }) => posts.map(({ status }) => status));
    expect(statuses).toEqual([
      ['failed', 'posted'],
      ['failed', 'posted'],
    ]);
    // In order: the second message waited until the first one was given up.
    const downIds = posted.filter(({ to }) => to === 'down.example').map(({ id }) => id);
    expect(downIds.lastIndexOf(first[0]?.id ?? '')).toBe(7);
    expect(downIds).toHaveLength(16);
  });

  test('one that fails is tried again in ten seconds, not at the next evaluation, and not after stop()', async () => {
    const { watch, record, run, posted, replies, clock } = useWatches({ spend: { ...SPEND, hold: '0s' } });
    replies.of = () => 500;
    await run(0);
    await record({ cost: 2, properties: { organization_id: 'acme' } });
    const server = watch();
    expect(await server.run()).toBe(10_000);
    server.stop();
    clock.now += 10_000;
    await server.run();
    expect(posted).toHaveLength(1);
  });

  test('one that does not answer holds up no message of another rule', async () => {
    const always: AlertRuleValue = { measure: 'requests', window: '1h', below: 1, hold: '0s' };
    const { watch, run, posted, replies } = useWatches({ first: always, second: always });
    let release = (): void => undefined;
    const both = new Promise<void>((resolve) => (release = resolve));
    replies.of = async () => {
      if (posted.length === 2) release();
      await both;
      return { status: 204, body: '' };
    };
    await run(1, watch());
    expect(posted).toHaveLength(2);
  });

  test('a message is sent after its rule can be measured no more', async () => {
    const { watch, record, run, posted, replies, store } = useWatches({
      spend: { ...SPEND, hold: '0s', filters: 'segment=pro' },
    });
    await store.documents.put({ kind: 'segment', name: 'pro', value: { filters: ['prop.plan=pro'] } });
    replies.of = () => 500;
    await record({ cost: 2, properties: { organization_id: 'acme', plan: 'pro' } });
    const server = watch();
    await run(1, server);
    await store.documents.delete('segment', 'pro');
    replies.of = () => 204;
    await run(2, server);
    expect(posted.map(({ id }) => id)).toEqual([posted[0]?.id, posted[0]?.id]);
    expect((await server.list()).rules[0]?.problem).toContain('segment');
  });

  test('a message waits over a restart, and is not sent to a webhook that is no target any more', async () => {
    const setUp = useWatches({ spend: { ...SPEND, hold: '0s' } });
    const { watch, record, run, posted, replies, store, clock } = setUp;
    replies.of = () => 500;
    const first = watch();
    await record({ cost: 2, properties: { organization_id: 'acme' } });
    await run(1, first);
    await first.close();
    const other = new AlertWatch({ store, now: () => clock.now, steadyNow: () => clock.now });
    await run(1, other);
    const { rules } = await other.list();
    expect(rules[0]?.history[0]?.posts).toMatchObject([
      { status: 'failed', problem: 'not a webhook of this server' },
    ]);
    expect(posted).toHaveLength(1);
  });
});

test('a message about somebody who was forgotten meanwhile is not sent', async () => {
  const spender: AlertRuleValue = { measure: 'cost', by: 'user', window: '1h', above: 1, hold: '0s' };
  const { watch, record, run, posted, replies, store, clock } = useWatches({ spender });
  replies.of = () => 500;
  await record({ userId: 'grace', cost: 5 });
  const server = watch();
  await run(1, server);
  const eraser = new Eraser({
    store,
    audit: new AuditLog(store.documents),
    onErased: () => server.forgetReadings(),
  });
  expect(JSON.stringify(await server.list())).toContain('grace');
  await eraser.forget(['grace'], { access: 'open' });
  expect(JSON.stringify(await server.list())).not.toContain('grace');
  clock.now += 60_000;
  await run(3, server);
  expect(posted).toHaveLength(1);
  const { rules } = await server.list();
  expect(rules[0]?.history[0]).toMatchObject({ changes: [], posts: [{ status: 'failed' }] });
});

describe('rules', () => {
  test('are measured once a minute, by one of the servers, however often messages are sent', async () => {
    const { watch, record, run, replies, store, clock } = useWatches({ spend: { ...SPEND, hold: '0s' } });
    const [first, second] = [watch(), watch()];
    let measured = 0;
    const measure = store.measure.bind(store);
    store.measure = (...request) => {
      measured += 1;
      return measure(...request);
    };
    replies.of = () => 500;
    await record({ cost: 2, properties: { organization_id: 'acme' } });
    await run(0);
    const end = clock.now + 5 * 60_000;
    while (clock.now < end) {
      const pauses = [await first.run(), await second.run()];
      clock.now += Math.min(...pauses, 15_000);
    }
    expect(measured).toBe(5);
  });

  test('are written only when something changes, and again if another server has written meanwhile', async () => {
    const { watch, record, run, posted, store } = useWatches({ spend: { ...SPEND, hold: '0s' } });
    const server = watch();
    await run(2, server);
    expect(await store.documents.count('alert')).toBe(0);
    await record({ cost: 2, properties: { organization_id: 'acme' } });
    const put = store.documents.put.bind(store.documents);
    let conflicts = 0;
    vi.spyOn(store.documents, 'put').mockImplementation((document, expected) =>
      document.kind === 'alert' && conflicts++ === 0
        ? Promise.reject(new VersionConflictError(document, 7))
        : put(document, expected),
    );
    await run(1, server);
    expect([posted.length, await store.documents.count('alert')]).toEqual([0, 0]);
    await run(2, server);
    const version = (await store.documents.get('alert', 'spend'))?.version;
    await run(5, server);
    expect((await store.documents.get('alert', 'spend'))?.version).toBe(version);
    expect(posted).toHaveLength(1);
  });

  test('above a hundred are listed and not evaluated', async () => {
    const always: AlertRuleValue = { measure: 'requests', window: '1h', below: 1, hold: '0s' };
    const names = Array.from({ length: 102 }, (_, at) => `rule ${100 + at}`);
    const { watch, run, posted } = useWatches(Object.fromEntries(names.map((name) => [name, always])));
    const server = watch();
    await run(1, server);
    expect(posted).toHaveLength(100);
    const { rules } = await server.list();
    expect(rules.filter(({ isEvaluated }) => !isEvaluated).map(({ name }) => name)).toEqual([
      'rule 200',
      'rule 201',
    ]);
  });

  test('that are about something else now list no subjects of what they were about', async () => {
    const spend = { measure: 'cost', by: 'user', window: '24h', above: 1, hold: '0s' } as const;
    const { store, record, watch, run } = useWatches({ Spend: spend });
    await record({ cost: 3 });
    await run(1, watch());
    const listed = async () => (await watch().list()).rules[0];
    expect(await listed()).toMatchObject({
      alerting: [{ user: 'ada' }],
      history: [{ changes: [{ value: 3 }] }],
    });
    await store.documents.put({
      kind: 'rule',
      name: 'Spend',
      value: { ...spend, measure: 'prompts', isPaused: true },
    });
    expect(await listed()).toMatchObject({ alerting: [], history: [{ about: 'cost by user' }] });
  });

  test('are measured for the page as well, at most once a minute', async () => {
    const { watch, record, run, clock } = useWatches({ cost: { measure: 'cost', window: '1h', above: 9 } });
    await run(0);
    const server = watch();
    const value = async () => (await server.list()).rules[0]?.reading?.groups[0]?.value;
    await record({ cost: 1 });
    expect(await value()).toBe(1);
    await record({ cost: 1 });
    clock.now += 59_000;
    expect(await value()).toBe(1);
    clock.now += 1000;
    expect(await value()).toBe(2);
  });

  test('of a rate with too few requests are not met, and say so when that ends an alert', async () => {
    const rule: AlertRuleValue = { measure: 'errorRate', window: '10m', above: 0.2, minimum: 4, hold: '0s' };
    const { watch, record, run, posted } = useWatches({ errors: rule });
    const server = watch();
    for (let index = 0; index < 3; index++) await record({ isError: true });
    await run(1, server);
    expect(posted).toEqual([]);
    await record({ isError: true });
    await run(1, server);
    expect(posted.at(-1)?.changes).toMatchObject([{ group: null, to: 'alerting', value: 1, n: 4 }]);
    await run(15, server);
    expect(posted).toHaveLength(2);
    expect(posted.at(-1)?.body).toContain('OK: too little to say');
  });

  test('tell that no data came for a time, and that they came again', async () => {
    const silence: AlertRuleValue = { measure: 'requests', window: '30m', below: 1, hold: '0s' };
    const { watch, record, run, posted, clock } = useWatches({ silence });
    const server = watch();
    const start = clock.now;
    await record({});
    await run(60, server);
    await record({});
    await run(5, server);
    expect(posted.map(({ at, changes }) => [(at - start) / 60_000, changes[0]?.to])).toEqual([
      [31, 'alerting'],
      [60, 'ok'],
    ]);
  });

  test('about people leave out who is not known, and count active people', async () => {
    const spender: AlertRuleValue = { measure: 'cost', by: 'user', window: '1h', above: 1, hold: '0s' };
    const active: AlertRuleValue = { measure: 'people', window: '1h', below: 2, hold: '0s' };
    const { watch, record, run, posted } = useWatches({ spender, active });
    await record({ userId: 'anonymous', cost: 5 });
    await record({ userId: 'grace', cost: 5 });
    await run(1, watch());
    expect(posted.map(({ changes }) => changes[0]?.group)).toEqual([null, 'grace']);
  });

  test('that cannot be read or measured say why, and the others go on', async () => {
    const gone: AlertRuleValue = { ...SPEND, filters: 'segment=gone' };
    const { watch, record, run, posted, store } = useWatches({ gone, spend: { ...SPEND, hold: '0s' } });
    await store.documents.put({ kind: 'rule', name: 'broken', value: { measure: 'x' } });
    await store.documents.put({
      kind: 'rule',
      name: 'paused',
      value: { ...SPEND, hold: '0s', isPaused: true },
    });
    await record({ cost: 2, properties: { organization_id: 'acme' } });
    const server = watch();
    await run(1, server);
    expect(posted).toHaveLength(1);
    const { rules } = await server.list();
    expect(rules.map(({ name, problem, isEvaluated }) => [name, problem, isEvaluated])).toEqual([
      ['broken', expect.stringContaining('no measure "x"'), false],
      ['gone', expect.stringContaining('segment'), true],
      ['paused', null, false],
      ['spend', null, true],
    ]);
  });

  test('whose filters match, measure those records alone, without internal traffic', async () => {
    const rule: AlertRuleValue = { ...SPEND, by: undefined as never, filters: 'prop.plan=pro', hold: '0s' };
    const { watch, record, run, posted } = useWatches({
      spend: JSON.parse(JSON.stringify(rule)) as AlertRuleValue,
    });
    await record({ cost: 5 });
    await record({ cost: 5, properties: { plan: 'pro', environment: 'test' } });
    await record({ cost: 0.5, properties: { plan: 'pro' } });
    const server = watch();
    await run(1, server);
    expect(posted).toEqual([]);
    await record({ cost: 1, properties: { plan: 'pro' } });
    await run(1, server);
    expect(posted.at(-1)?.changes).toMatchObject([{ value: 1.5 }]);
  });

  test('that are deleted take their state along, and a store without rules is not written to', async () => {
    const { watch, record, run, store } = useWatches({ spend: { ...SPEND, hold: '0s' } });
    await record({ cost: 2, properties: { organization_id: 'acme' } });
    const server = watch();
    await run(1, server);
    expect(await store.documents.count('alert')).toBe(1);
    await store.documents.delete('rule', 'spend');
    await run(2, server);
    expect(await store.documents.count('alert')).toBe(0);
    expect(await store.documents.count('lease')).toBe(0);
  });
});
