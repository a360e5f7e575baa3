import { type Attributes, type Context, context, type Span, type SpanKind } from '@opentelemetry/api';
import { identityOf } from '../../identity/with-trubrics.js';
import { ATTR_TRUBRICS_RUN_ID, ATTR_TRUBRICS_RUN_TYPE } from '../../common/semconv.js';
import { callerContext, isInsideRun, recordFirstRun } from './run-context.js';
import type { HandlerSettings } from '../options/handler-options.js';
import { identityAttributes, isHidden, runIdentity } from './run-identity.js';
import { metricAttributes } from './model-metrics.js';
import { recordsContent, writeAttributesAndContent } from './span-content.js';
import { classNameOf } from '../messages/serialized.js';
import { asRecord, asText, cut } from '../../common/unknown-values.js';
import {
  type Inherited,
  isModelType,
  ModelRun,
  type ModelRunType,
  OtherRun,
  type OtherRunType,
  type Run,
  type RunStart,
} from './run.js';
import type { RunMetadata } from '../options/run-metadata.js';
import type { RunRegistry } from './run-registry.js';

/** Settings of the handler and registry of its provider, for one start callback. */
export interface Tracing {
  readonly settings: HandlerSettings;
  readonly registry: RunRegistry;
}

/** Name, kind and attributes that depend on the type of the run. */
export interface SpanDescription {
  readonly name: string;
  readonly kind: SpanKind;
  readonly attributes: Attributes;
  /** Agent that begins with this run. Default: the agent of the parent. */
  readonly agent?: string | undefined;
}

/** Returns the content of a run's start. It is called only if content is recorded. */
type ContentReader = (run: Run) => Attributes | undefined;

const MAX_NAME_LENGTH = 200;

/**
 * Starts the span of a run and adds the run to the registry.
 *
 * The parent is the span of the parent run. A run without one gets the active span of the caller.
 *
 * The span starts with the attributes of `description`, which the GenAI conventions want there for samplers. All others are set after
 * the start, in one call: the SDK checks and copies each attribute of a start twice (test/bench/langchain.mjs).
 */
export function startRun(
  tracing: Tracing,
  start: RunStart<ModelRunType>,
  metadata: RunMetadata,
  description: SpanDescription,
  contentOf: ContentReader,
  active: Context,
): ModelRun;
export function startRun(
  tracing: Tracing,
  start: RunStart<OtherRunType>,
  metadata: RunMetadata,
  description: SpanDescription,
  contentOf?: ContentReader,
  active?: Context,
  parent?: Inherited,
): OtherRun;
export function startRun(
  { registry, settings }: Tracing,
  start: RunStart<ModelRunType> | RunStart<OtherRunType>,
  metadata: RunMetadata,
  { name, kind, attributes, agent }: SpanDescription,
  contentOf?: ContentReader,
  active: Context = context.active(),
  parent = registry.parentOf(start.parentRunId, active, metadata),
): Run {
  const outerContext = parentContext(registry, start, parent, active);
  const identity = runIdentity(metadata, parent?.identity, identityOf(active));
  const details = identityAttributes(identity, settings, start.tags, metadata.userMetadata);
  details[ATTR_TRUBRICS_RUN_ID] = start.runId;
  details[ATTR_TRUBRICS_RUN_TYPE] = start.type;
  const started = isHidden(start.tags)
    ? undefined
    : registry.tracer.startRunSpan(start, name, { kind, attributes }, outerContext);
  const span = started?.span;
  const agentName = agent ?? parent?.agent;
  const run = isModelStart(start)
    ? new ModelRun(
        start,
        parent,
        settings,
        span,
        outerContext,
        identity,
        agentName,
        // The handler that started the span measures the run.
        started?.isRepeated === true ? undefined : metricAttributes(attributes),
      )
    : new OtherRun(start, parent, settings, span, outerContext, identity, agentName);
  registry.open(run);
  recordFirstRun(active, run);
  writeStart(run, details, contentOf);
  return run;
}

/** Writes the content of a start together with `details`, which are written also if the content cannot be read. */
function writeStart(run: Run, details: Attributes, contentOf: ContentReader | undefined): void {
  let content: Attributes | undefined;
  try {
    if (contentOf && recordsContent(run)) content = contentOf(run);
  } finally {
    writeAttributesAndContent(run, details, content);
  }
}

/** Calls `work` with the run's span and ends the span, also if `work` throws. Does nothing for a hidden run. */
export function endSpan<R extends Run>(run: R, work: (span: Span, run: R) => void, endTimeMs?: number): void {
  const { span } = run;
  if (!span) return;
  try {
    work(span, run);
  } finally {
    span.end(endTimeMs);
  }
}

/** Returns the name that the user gave the run, else that of its class: both have few values, as names of spans must. */
export function runLabel({ runName, serialized }: RunStart): string {
  const { name } = asRecord(serialized);
  return cut(asText(runName) ?? asText(name) ?? classNameOf(serialized) ?? 'unknown', MAX_NAME_LENGTH);
}

function isModelStart(start: RunStart): start is RunStart<ModelRunType> {
  return isModelType(start.type);
}

function parentContext(
  registry: RunRegistry,
  { parentRunId, extraParams }: RunStart,
  parent: Inherited | undefined,
  active: Context,
): Context {
  if (parent && parentRunId !== undefined)
    return isInsideRun(active, parentRunId, parent.span) ? active : parent.context;
  return callerContext(active, extraParams, (runId, span) => registry.isOpen(runId, span));
}
