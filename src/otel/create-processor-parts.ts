import { guard } from '../common/guard.js';
import type { ResolvedOptions } from '../config/options.js';
import { createPipelines, type Pipelines } from '../pipeline/create-pipelines.js';
import type { TurnGroup } from '../records/turns/group-turns.js';
import { CallDeduplicator, type FinishedCall } from './state/call-deduplicator.js';
import { HeldCalls } from './state/held-calls.js';
import type { LogEventBuffer } from './state/pending-log-events.js';
import { PendingResources } from './state/pending-resources.js';
import { SpanTree } from './state/span-tree.js';
import { TurnCollector } from './state/turn-collector.js';

/** Parts of a span processor. */
export interface ProcessorParts extends Pipelines {
  readonly options: ResolvedOptions;
  readonly pendingResources: PendingResources;
  /** Undefined until a log record comes. */
  logEvents: LogEventBuffer | undefined;
  readonly heldCalls: HeldCalls;
  readonly spanTree: SpanTree;
  readonly deduplicator: CallDeduplicator;
  /** Undefined with `granularity: "call"`. */
  readonly turns: TurnCollector | undefined;
}

/**
 * Builds the parts of a span processor. A call passes them in this order; each hands over what it holds no longer:
 *
 *     onStart, onEnd ▶ PendingResources ▶ PendingLogEvents ▶ HeldCalls ▶ SpanTree ▶ CallDeduplicator ▶ TurnCollector ▶ RecordPipeline
 *
 * @throws TypeError if there is no destination: no `host`, or no key for a host that is not loopback.
 */
export function createProcessorParts(options: ResolvedOptions): ProcessorParts {
  const pipelines = createPipelines(options);
  const { records, destinations, lifeCycle, spanLog } = pipelines;
  // Somebody can opt out on a span that is still open, after calls below it have ended.
  const recordAdmitted = (turn: TurnGroup): void => {
    const [first, ...others] = turn.calls.filter((call) => records.admits(call));
    if (first) records.recordTurn({ ...turn, calls: [first, ...others] });
  };
  const turns =
    options.granularity === 'call'
      ? undefined
      : new TurnCollector((turn) => guard('record', () => recordAdmitted(turn)));
  const record = (call: FinishedCall): void => {
    if (!turns) return records.record(call.call, call);
    spanLog.note(call.call.spanId, 'turn');
    turns.add(call);
  };
  const skipDuplicate = (spanId?: string): void => {
    if (spanId !== undefined) spanLog.note(spanId, 'duplicate');
    destinations.skip('duplicate');
  };
  const deduplicator = new CallDeduplicator(
    (call) => guard('record', () => record(call)),
    (duplicate) => skipDuplicate(duplicate?.call.spanId),
    ({ call }, into) => spanLog.note(call.spanId, 'same_call', into.call.spanId),
  );
  const spanTree = new SpanTree({
    onFinalCall: (call, mayRepeat) => {
      if (mayRepeat) spanLog.note(call.call.spanId, 'other_library');
      deduplicator.add(call, mayRepeat);
    },
    onDuplicate: skipDuplicate,
    onMerged: (spanId, into) => spanLog.note(spanId, 'same_call', into),
    onInnerCall: (spanId) => spanLog.note(spanId, 'outer_span'),
    isAdmitted: (call) => records.admits(call),
  });
  const parts: ProcessorParts = {
    ...pipelines,
    options,
    pendingResources: new PendingResources(),
    logEvents: undefined,
    heldCalls: new HeldCalls(),
    spanTree,
    deduplicator,
    turns,
  };
  lifeCycle.start(() => {
    releaseEnded(parts);
    return destinations.flush();
  });
  return parts;
}

/** Hands on what has ended and waits for other spans. Call before a flush of the destinations. */
export function releaseEnded({ heldCalls, deduplicator, turns }: ProcessorParts): void {
  heldCalls.releaseAll();
  deduplicator.releaseAll();
  turns?.emitEnded();
}
