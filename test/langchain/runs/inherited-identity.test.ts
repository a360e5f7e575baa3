import { expect, test } from 'vitest';
import { handlerSettings } from '../../../src/langchain/options/handler-options.js';
import { readMetadata } from '../../../src/langchain/options/run-metadata.js';
import {
  identityAttributes,
  isHidden,
  isStep,
  runIdentity,
} from '../../../src/langchain/runs/run-identity.js';

const PARENT = { userId: 'ada', threadId: 'trip', contextIdentity: { userId: 'of parent' } };

test('a run has its own ids and context, else those of the run above, each for itself', () => {
  const nothing = readMetadata({});
  expect(runIdentity(nothing, PARENT, undefined)).toEqual(PARENT);
  expect(runIdentity(nothing, undefined, undefined)).toEqual({});
  const own = { userId: 'own' };
  expect(runIdentity(readMetadata({ user_id: 'grace' }), PARENT, own)).toEqual({
    userId: 'grace',
    threadId: 'trip',
    contextIdentity: own,
  });
  expect(runIdentity(readMetadata({ thread_id: 'other' }), PARENT, undefined)).toMatchObject({
    userId: 'ada',
    threadId: 'other',
  });
});

test('an opt-out around a run stands on its span, and on those below, also where an inner one is recorded', () => {
  const nothing = readMetadata({});
  const recordOf = (identity: ReturnType<typeof runIdentity>): unknown =>
    identityAttributes(identity, handlerSettings({}), [], undefined)['trubrics.record'];
  const outer = runIdentity(nothing, undefined, { record: false });
  const inner = runIdentity(nothing, outer, { userId: 'ada' });
  const recorded = runIdentity(nothing, outer, { record: true });
  const again = runIdentity(nothing, recorded, { record: false });
  expect([outer, inner, recorded, again].map(recordOf)).toEqual([false, false, true, false]);
  // Elsewhere, a span above may still be opted out.
  expect(
    [{ record: true }, undefined].map((each) => recordOf(runIdentity(nothing, undefined, each))),
  ).toEqual([undefined, undefined]);
});

test('steps and hidden runs are known by their tags', () => {
  expect([isStep(['seq:step:1']), isStep(['map:key:a']), isStep(['mine']), isStep(undefined)]).toEqual([
    true,
    true,
    false,
    false,
  ]);
  expect([isHidden(['langsmith:hidden']), isHidden(['mine']), isHidden(undefined)]).toEqual([
    true,
    false,
    false,
  ]);
});

test('a thousand tags of a run are recorded, of a thousand characters each', () => {
  const tags = ['x'.repeat(2_000), ...Array.from({ length: 2_000 }, (_, index) => `tag ${index}`)];
  const identity = runIdentity(readMetadata({}), undefined, undefined);
  const attributes = identityAttributes(identity, handlerSettings({}), tags, undefined);
  const recorded = attributes['trubrics.tags'] as string[];
  expect(recorded).toHaveLength(1_001);
  expect(recorded[1]).toHaveLength(1_000);
});
