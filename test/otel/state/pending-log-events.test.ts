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
});
