import type { Context } from '@opentelemetry/api';
import { mergeIdentities, type ContextIdentity, type OptOutState } from '../common/context-identity.js';
import { guard } from '../common/guard.js';
import { contextWithIdentity, identityOf } from '../identity/with-trubrics.js';
import type { TrubricsSpanProcessor } from '../otel/processor.js';
import { readIdentity } from '../reading/fields/identity.js';
import type { SpanLike } from '../reading/model/span-like.js';
import { isOptedOut } from '../records/privacy/opt-out.js';
import type { SpanListener } from './tracer/tracer-provider.js';

/**
 * Returns a listener that hands spans to the processor, with the user, the thread and the opt-out that stand on the application's span
 * around the call. The processor itself does not see the application's spans: it is not registered with its tracer provider.
 */
export function withCallerIdentity(processor: TrubricsSpanProcessor): SpanListener {
  return {
    onStart(span, parentContext) {
      const { callerSpan } = span;
      const enriched = callerSpan && guard('caller span', () => enrich(parentContext, callerSpan));
      processor.onStart(span, enriched ?? parentContext);
    },
    onEnd: (span) => processor.onEnd(span),
  };
}

/** The identity on the span wins over that of the context, as it does where the processor sees the span. */
function enrich(parentContext: Context, callerSpan: SpanLike): Context {
  const caller = { span: callerSpan, ancestors: [] };
  const optOutAbove = (): OptOutState => {
    if (isOptedOut(caller)) return 'withdrawn';
    return callerSpan.ended === false ? 'open' : 'kept';
  };
  const identity: ContextIdentity = {
    ...readIdentity(callerSpan.attributes),
    ...(isOptedOut(caller) && { record: false }),
    ...(callerSpan.ended === false && { optOutAbove }),
  };
  if (Object.keys(identity).length === 0) return parentContext;
  return contextWithIdentity(parentContext, mergeIdentities(identityOf(parentContext), identity));
}
