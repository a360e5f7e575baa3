import { describe, expect, test } from 'vitest';
import { PendingLogEvents } from '../../../src/otel/state/pending-log-events.js';

describe('PendingLogEvents', () => {
  const event = (text: string) => ({ name: 'gen_ai.user.message', attributes: { text } });
  const ids = (spanId: string) => ({ traceId: 't', spanId });

  test('pending log events forget the oldest span first if there are too many events', () => {
    const events = new PendingLogEvents({ maxItems: 3 });
    for (const spanId of ['a', 'a', 'b', 'c']) events.add(ids(spanId), event(spanId));
    expect(events.take(ids('a'))).toEqual([]);
    expect(events.take(ids('b'))).toHaveLength(1);
    expect(events.take(ids('c'))).toHaveLength(1);
  });

  test('pending log events forget the oldest span first if the texts are too long', () => {
    const events = new PendingLogEvents({ maxSize: 1_000 });
    events.add(ids('a'), event('x'.repeat(600)));
    events.add(ids('b'), event('x'.repeat(600)));
    expect(events.take(ids('a'))).toEqual([]);
    expect(events.take(ids('b'))).toHaveLength(1);
  });

  test('pending log events forget spans that did not end in time', () => {
    let now = 0;
    const events = new PendingLogEvents({ maxAgeMs: 1_000 }, () => now);
    events.add(ids('a'), event('old'));
    now = 1_001;
    events.add(ids('b'), event('new'));
    expect(events.eventCount).toBe(1);
    expect(events.take(ids('a'))).toEqual([]);
  });

  test('pending log events hold an event once, and none after it was taken or cleared', () => {
    const events = new PendingLogEvents();
    events.add(ids('a'), event('one'));
    events.add(ids('b'), event('two'));
    events.take(ids('a'));
    expect(events.take(ids('a'))).toEqual([]);
    events.clear();
    expect(events.eventCount).toBe(0);
  });

  test('pending log events keep what is exactly as much, as large and as old as they may', () => {
    let now = 0;
    // An object counts 8, a text its characters.
    const events = new PendingLogEvents({ maxItems: 2, maxSize: 2_000, maxAgeMs: 1_000 }, () => now);
    events.add(ids('a'), event('x'.repeat(992)));
    now = 1_000;
    events.add(ids('b'), event('x'.repeat(992)));
    expect(events.eventCount).toBe(2);
    expect(events.take(ids('a'))).toHaveLength(1);
  });

  test('pending log events of one span are taken in the order in which they came', () => {
    const events = new PendingLogEvents();
    events.add(ids('a'), event('first'));
    events.add(ids('b'), event('other'));
    events.add(ids('a'), event('second'));
    expect(events.take(ids('a'))).toEqual([event('first'), event('second')]);
    expect(events.eventCount).toBe(1);
  });

  test('the age of pending log events counts from the first one of their span', () => {
    let now = 0;
    const events = new PendingLogEvents({ maxAgeMs: 1_000 }, () => now);
    events.add(ids('a'), event('first'));
    now = 900;
    events.add(ids('a'), event('second'));
    now = 1_001;
    events.add(ids('b'), event('new'));
    expect(events.eventCount).toBe(1);
  });

  test('pending log events forget their size with the events', () => {
    const events = new PendingLogEvents({ maxSize: 1_000 });
    events.add(ids('a'), event('x'.repeat(600)));
    events.clear();
    expect(events.take(ids('a'))).toEqual([]);
    events.add(ids('b'), event('x'.repeat(600)));
    expect(events.take(ids('b'))).toHaveLength(1);
    events.add(ids('c'), event('x'.repeat(600)));
    expect(events.take(ids('c'))).toHaveLength(1);
  });

  test('pending log events count binary content by its bytes, and measure attributes without end', () => {
    const cyclic: Record<string, unknown> = {};
    cyclic.self = cyclic;
    const events = new PendingLogEvents({ maxSize: 1_000 });
    events.add(ids('a'), { name: 'image', attributes: { bytes: new Uint8Array(900) } });
    events.add(ids('b'), { name: 'cyclic', attributes: cyclic });
    expect(events.eventCount).toBe(2);
  });

  test('pending log events hold by default 20,000 events, 16 million characters and 15 minutes', () => {
    let now = 0;
    const events = new PendingLogEvents({}, () => now);
    for (let index = 0; index < 20_001; index += 1) events.add(ids(`many${index}`), event(''));
    expect(events.eventCount).toBe(20_000);
    events.clear();
    for (const spanId of ['a', 'b']) events.add(ids(spanId), event('x'.repeat(9_000_000)));
    expect(events.eventCount).toBe(1);
    now = 15 * 60_000 + 1;
    events.add(ids('c'), event(''));
    expect(events.eventCount).toBe(1);
  });
});
