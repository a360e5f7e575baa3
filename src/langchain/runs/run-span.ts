import { type Attributes, type Context, context, type Span, type SpanKind } from '@opentelemetry/api';
import { identityOf } from '../../identity/with-trubrics.js';
import { ATTR_TRUBRICS_RUN_ID, ATTR_TRUBRICS_RUN_TYPE } from '../../common/semconv.js';
import { callerContext, isInsideRun, runContext, noteFirstRun } from './run-context.js';
import type { HandlerSettings } from '../options/handler-options.js';
import { addIdentity, isHidden, isStep, runIdentity } from './run-identity.js';
import { metricAttributes } from './model-metrics.js';
import { PartialAnswer } from './partial-answer.js';
import { asRecord, asStrings, asText, cut } from '../../common/unknown-values.js';
import type { Ancestry, Run, RunStart } from './run.js';
import type { RunMetadata } from '../options/run-metadata.js';
import type { RunRegistry } from './run-registry.js';

/** What a callback works with. */
export interface Tracing {
  readonly settings: HandlerSettings;
  readonly registry: RunRegistry;
}

/** What is particular to the span of one type of run. */
export interface SpanDescription {
  readonly name: string;
  readonly kind: SpanKind;
  readonly attributes: Attributes;
  /** The agent that the run belongs to, if it is not its parent's. */
  readonly agent?: string | undefined;
}

const MAX_NAME_LENGTH = 200;

/**
 * Opens a run and starts its span.
 *
 * The parent is the span of the parent run; without one, what is active where the caller is.
 */
export function startRun(
  { registry, settings }: Tracing,
  start: RunStart,
  metadata: RunMetadata,
  { name, kind, attributes, agent }: SpanDescription,
  active: Context = context.active(),
): Run {
  const parent = registry.ancestry(start.parentRunId);
  const outerContext = parentContext(registry, start, parent, active);
  const identity = runIdentity(metadata, parent?.identity, identityOf(active));
  addIdentity(attributes, identity, settings, start.tags, metadata.own);
  attributes[ATTR_TRUBRICS_RUN_ID] = start.runId;
  attributes[ATTR_TRUBRICS_RUN_TYPE] = start.type;
  const span = isHidden(start.tags)
    ? undefined
    : registry.tracer.startSpan(name, { kind, attributes }, outerContext);
  const now = Date.now();
  const isModel = start.type === 'chat_model' || start.type === 'llm';
  const run: Run = {
    id: start.runId,
    type: start.type,
    parentRunId: start.parentRunId,
    settings,
    isStep: isStep(start.tags),
    span,
    outerContext,
    context: span ? runContext(outerContext, span, start.runId, start.extraParams) : outerContext,
    identity,
    agent: agent ?? parent?.agent,
    startedAt: performance.now(),
    dimensions: isModel ? metricAttributes(attributes) : undefined,
    partial: isModel ? new PartialAnswer() : undefined,
    lastHeardMs: now,
    placedAtMs: now,
    signal: undefined,
    stopWatching: undefined,
    promptTemplate: undefined,
  };
  registry.open(run);
  noteFirstRun(active, run.id);
  return run;
}

/** What the user called the run, else its class: few different values, fit for the name of a span. */
export function runLabel({ runName, serialized }: RunStart): string {
  const { name, id } = asRecord(serialized);
  return cut(asText(runName) ?? asText(name) ?? asStrings(id).at(-1) ?? 'unknown', MAX_NAME_LENGTH);
}

function parentContext(
  registry: RunRegistry,
  { parentRunId, extraParams }: RunStart,
  parent: Ancestry | undefined,
  active: Context,
): Context {
  if (parent && parentRunId !== undefined) return isInsideRun(active, parentRunId) ? active : parent.context;
  return callerContext(active, extraParams, (runId) => registry.get(runId) !== undefined);
}

/** Does `work` on the run's span and ends the span, also when `work` fails on something that another library made. */
export function endWith(
  run: Run | undefined,
  work: (span: Span, run: Run) => void,
  endTimeMs?: number,
): void {
  const span = run?.span;
  if (!span) return;
  try {
    work(span, run);
  } finally {
    span.end(endTimeMs);
  }
}
