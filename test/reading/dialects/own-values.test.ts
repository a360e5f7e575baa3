import { expect, test } from 'vitest';
import { readLlmCall } from '../../../src/reading/dialects/read-llm-call.js';
import { loadCaptures } from '../../support/captures.js';
import { loadStrangers } from '../../support/strangers.js';

const SPANS = [...loadCaptures(), ...loadStrangers()].flatMap(({ spans }) => spans);

/** Returns a value and every object in it that somebody could change. */
function objectsIn(value: unknown, found = new Set<object>()): ReadonlySet<object> {
  if (typeof value !== 'object' || value === null || found.has(value)) return found;
  if (!Object.isFrozen(value)) found.add(value);
  for (const member of Object.values(value)) objectsIn(member, found);
  return found;
}

test('no object of a call is part of another call: the application may change what it was given', () => {
  for (const span of SPANS) {
    const ofSpan = objectsIn(span);
    const first = objectsIn(readLlmCall(span));
    const shared = [...objectsIn(readLlmCall(span))].filter((one) => first.has(one) && !ofSpan.has(one));
    expect([span.name, shared]).toEqual([span.name, []]);
  }
});
