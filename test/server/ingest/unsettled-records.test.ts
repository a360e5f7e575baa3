import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { Forwarding } from '../../../src/server/ingest/forwarding.js';
import type { StoredRecord } from '../../../src/server/index.js';
import { useScriptedServer } from '../../support/use-scripted-server.js';

const START = Date.UTC(2026, 0, 1);
const KNOWN: ReadonlyMap<string, StoredRecord> = new Map();

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'Date'], now: START });
  onTestFinished(() => void vi.useRealTimers());
});

const record = (id: string, fields: Record<string, unknown> = {}): StoredRecord =>
  ({
    id,
    kind: 'prompt',
    userId: 'ada',
    prompt: 'q',
    generation: 'a',
    tags: [],
    properties: {},
    timestamp: '2026-01-01T00:00:00.000Z',
    ...fields,
  }) as unknown as StoredRecord;

/** Forwarding to a real host, and what has left: ids, in order, with their prompts. */
async function setUp() {
  const host = await useScriptedServer();
  const forwarding = new Forwarding({ host: host.url, apiKey: 'key' });
  const sent = async (): Promise<string[]> => {
    await forwarding.close();
    return host.stored.map((item) => {
      const { prompt, properties } = item as unknown as { prompt: string; properties: { $event_id: string } };
      return `${properties.$event_id}: ${prompt}`;
    });
  };
  return { forwarding, sent, host };
}

test('a record that may change is handed on five seconds after it came, in its last version', async () => {
  const { forwarding, sent } = await setUp();
  forwarding.sendLater([record('a', { prompt: 'first' })], KNOWN);
  vi.advanceTimersByTime(4_000);
  forwarding.sendLater([record('a', { prompt: 'last' })], KNOWN);
  expect(forwarding.forget(['b'])).toEqual([]);
  vi.advanceTimersByTime(900);
  forwarding.sendLater([record('c')], KNOWN);
  vi.advanceTimersByTime(1_100);
  // What was handed on cannot be cancelled any more.
  expect(forwarding.forget(['a', 'c'])).toEqual(['c']);
  expect(await sent()).toEqual(['a: last']);
});

test('a record is handed on although the clock was set back after it came', async () => {
  const { forwarding } = await setUp();
  forwarding.sendLater([record('a')], KNOWN);
  vi.setSystemTime(START - 365 * 24 * 3_600_000);
  vi.advanceTimersByTime(1_000);
  expect(forwarding.forget(['a'])).toEqual([]);
  await forwarding.close();
});

test('no timer runs while no record waits', async () => {
  const { forwarding } = await setUp();
  forwarding.sendLater([], KNOWN);
  expect(vi.getTimerCount()).toBe(0);
  forwarding.sendLater([record('a')], KNOWN);
  forwarding.sendLater([record('b')], KNOWN);
  expect(vi.getTimerCount()).toBe(1);
  vi.advanceTimersByTime(6_000);
  expect(vi.getTimerCount()).toBe(0);
  forwarding.sendLater([record('c')], KNOWN);
  expect(vi.getTimerCount()).toBe(1);
  await forwarding.close();
  expect(vi.getTimerCount()).toBe(0);
});

test('of more than five thousand records that wait, the oldest is handed on', async () => {
  const { forwarding } = await setUp();
  const many = Array.from({ length: 5_000 }, (_, index) => record(String(index)));
  forwarding.sendLater(many, KNOWN);
  expect(forwarding.stats().accepted).toBe(5_000);
  forwarding.sendLater([record('one more')], KNOWN);
  expect(forwarding.stats().accepted).toBe(5_001);
  expect(forwarding.forget(['0', '1', 'one more'])).toEqual(['1', 'one more']);
  forwarding.forget(many.map(({ id }) => id));
  await forwarding.close();
});

test('a record that will not change is handed on at once, and its waiting version is not', async () => {
  const { forwarding, sent } = await setUp();
  forwarding.sendLater([record('a', { prompt: 'early' })], KNOWN);
  forwarding.send([record('a', { prompt: 'final' })]);
  expect(forwarding.stats()).toMatchObject({ accepted: 1, queued: 1 });
  expect(await sent()).toEqual(['a: final']);
});

test('a removed record is not forwarded, and counts as not forwarded only if the host has no version of it', async () => {
  const { forwarding, sent, host } = await setUp();
  const known = new Map([
    ['sent', record('sent', { forwardedTo: [host.url] })],
    ['sent elsewhere', record('sent elsewhere', { forwardedTo: ['https://other.example'] })],
  ]);
  const all = ['sent', 'sent elsewhere', 'new', 'kept'].map((id) => record(id));
  forwarding.sendLater(all, known);
  // Its first version counts.
  forwarding.sendLater(all, KNOWN);
  expect(forwarding.stats()).toMatchObject({ accepted: 4, queued: 4 });
  expect(forwarding.forget(['sent', 'sent elsewhere', 'new'])).toEqual(['sent elsewhere', 'new']);
  expect(await sent()).toEqual(['kept: q']);
});

test('closing waits until everything is delivered', async () => {
  const { forwarding, host } = await setUp();
  forwarding.sendLater([record('a'), record('b', { kind: 'event', event: 'Sign up' })], KNOWN);
  await forwarding.close();
  expect(forwarding.stats()).toMatchObject({ accepted: 2, queued: 0, delivered: 2 });
  expect(host.requests.map(({ path }) => path).toSorted()).toEqual([
    '/publish_events',
    '/publish_llm_events',
  ]);
});
