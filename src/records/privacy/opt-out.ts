import { allowsRecording, type ContextIdentity, type OptOutState } from '../../common/context-identity.js';
import { ATTR_TRUBRICS_RECORD } from '../../common/semconv.js';
import type { SpanEventLike, SpanLike } from '../../reading/model/span-like.js';

/** A span and its surroundings, as far as an opt-out can stand on them. */
export interface OptOutPlaces {
  readonly span: SpanLike;
  /** Nearest first. */
  readonly ancestors: readonly SpanLike[];
  readonly contextIdentity?: Pick<ContextIdentity, 'record' | 'optOutAbove'> | undefined;
}

/** Returns the state of an opt-out at the time of the call. */
export type OptOutCheck = () => OptOutState;

/**
 * Returns whether a call must not be recorded: `trubrics.record` is false on its span, on an event of it, on a span above it or on the
 * resource, or `withTrubrics({ record: false })` was active at its start. Any value but true means false. An event is final; otherwise
 * the nearest span with the attribute decides. Resource and context count only if no span has it.
 *
 * The one place that decides. Nothing else reads the attribute.
 */
export function isOptedOut({ span, ancestors, contextIdentity }: OptOutPlaces): boolean {
  if (span.events?.some(isOptOutEvent)) return true;
  const isRecorded = recordAttributeOf(span) ?? nearestRecordAttribute(ancestors);
  if (isRecorded !== undefined) return !isRecorded;
  if (recordAttributeIn(span.resource?.attributes) === false) return true;
  return contextIdentity?.record === false || contextIdentity?.optOutAbove?.() === 'withdrawn';
}

/** Returns whether an opt-out stands on the span itself. */
export function hasOwnOptOut(span: SpanLike): boolean {
  return recordAttributeOf(span) === false;
}

/** Returns the state that a span that has ended gives to the calls below it; `undefined` if the spans above it decide. */
export function ownOptOutState(span: SpanLike): 'kept' | 'withdrawn' | undefined {
  const isRecorded = recordAttributeOf(span);
  if (isRecorded === undefined) return undefined;
  return isRecorded ? 'kept' : 'withdrawn';
}

/**
 * Returns a check of whether calls that were admitted are opted out later. `undefined`: that cannot happen any more, because all spans
 * around them have ended. The check refers to spans that are open, and to no span that has ended, because those hold content.
 */
export function lateOptOut(calls: readonly OptOutPlaces[]): OptOutCheck | undefined {
  const openPlaces = calls.flatMap(openPlacesOf);
  if (openPlaces.length === 0) return undefined;
  return () => {
    const states = openPlaces.map(stateOf);
    return (
      states.find((state) => state === 'withdrawn') ?? states.find((state) => state === 'open') ?? 'kept'
    );
  };
}

function stateOf({ spans, optOutAbove }: OpenPlaces): OptOutState {
  const isRecorded = nearestRecordAttribute(spans);
  const above = optOutAbove?.() ?? 'kept';
  if (isRecorded === false || (isRecorded === undefined && above === 'withdrawn')) return 'withdrawn';
  return above === 'open' || !spans.every(hasEnded) ? 'open' : 'kept';
}

/** Sources of an opt-out that can still concern one call. */
interface OpenPlaces {
  /** Spans around the call that had not ended, nearest first. */
  readonly spans: readonly SpanLike[];
  /** Undefined if a span behind `spans` has decided for good. */
  readonly optOutAbove: (() => OptOutState) | undefined;
}

function openPlacesOf({ span, ancestors, contextIdentity }: OptOutPlaces): OpenPlaces[] {
  const around = [span, ...ancestors];
  const decided = around.findIndex((place) => hasEnded(place) && recordAttributeOf(place) !== undefined);
  const spans = (decided === -1 ? around : around.slice(0, decided)).filter((place) => !hasEnded(place));
  const optOutAbove = decided === -1 ? contextIdentity?.optOutAbove : undefined;
  return spans.length > 0 || optOutAbove ? [{ spans, optOutAbove }] : [];
}

/** Spans that do not say so, such as those decoded from OTLP, have ended. */
function hasEnded({ ended }: SpanLike): boolean {
  return ended !== false;
}

function nearestRecordAttribute(spans: readonly SpanLike[]): boolean | undefined {
  for (const span of spans) {
    const isRecorded = recordAttributeOf(span);
    if (isRecorded !== undefined) return isRecorded;
  }
  return undefined;
}

/** Returns whether the attribute on this span allows to record. `undefined`: the span does not have it. */
function recordAttributeOf({ attributes }: SpanLike): boolean | undefined {
  return recordAttributeIn(attributes);
}

function isOptOutEvent({ attributes }: SpanEventLike): boolean {
  return recordAttributeIn(attributes) === false;
}

function recordAttributeIn(attributes: Readonly<Record<string, unknown>> | undefined): boolean | undefined {
  const value = attributes?.[ATTR_TRUBRICS_RECORD];
  if (value === undefined && !(attributes && Object.hasOwn(attributes, ATTR_TRUBRICS_RECORD)))
    return undefined;
  return allowsRecording(ATTR_TRUBRICS_RECORD, value);
}
