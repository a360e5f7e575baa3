import { ROOT_CONTEXT, type Context } from '@opentelemetry/api';
import { expect, test } from 'vitest';
import { identityOf } from '../../src/identity/with-trubrics.js';
import type { TrubricsSpanProcessor } from '../../src/otel/processor.js';
import type { SpanLike } from '../../src/reading/model/span-like.js';
import { withCallerIdentity } from '../../src/standalone/caller-identity.js';
import { makeSpan } from '../support/span.js';

/** A span of the application that is open, and the identity that a call below it gets. */
function useCaller(attributes: Record<string, unknown> = {}) {
  const caller = { ...makeSpan({ attributes }), ended: false };
  let seen: Context = ROOT_CONTEXT;
  const processor = { onStart: (_span: SpanLike, ctx: Context) => void (seen = ctx) };
  const listener = withCallerIdentity(processor as unknown as TrubricsSpanProcessor);
  const call = Object.assign(makeSpan(), { callerSpan: caller });
  listener.onStart(call as unknown as Parameters<typeof listener.onStart>[0], ROOT_CONTEXT);
  return { caller, attributes, identity: identityOf(seen) };
}

test('an opt-out on the span around a call can come until that span has ended', () => {
  const { caller, attributes, identity } = useCaller();
  expect(identity?.optOutAbove?.()).toBe('open');
  attributes['trubrics.record'] = false;
  expect(identity?.optOutAbove?.()).toBe('withdrawn');
  delete attributes['trubrics.record'];
  // Decided: the check would otherwise hold the span, and its content, for the life of the process.
  caller.ended = true;
  expect(identity?.optOutAbove?.()).toBe('kept');
});

test('a call gets the user and the opt-out that stand on the span around it', () => {
  const { identity } = useCaller({ 'user.id': 'ada', 'trubrics.record': false });
  expect(identity).toMatchObject({ userId: 'ada', record: false });
});
