import { guard } from '../common/guard.js';
import type { ResolvedOptions } from '../config/options.js';
import { createPipelines, type Pipelines } from '../pipeline/create-pipelines.js';
import { CallDeduplicator, type FinishedCall } from './state/call-deduplicator.js';
import { HeldCalls } from './state/held-calls.js';
import { PendingLogEvents } from './state/pending-log-events.js';
import { PendingResources } from './state/pending-resources.js';
import { SpanTree } from './state/span-tree.js';
import { TurnCollector } from './state/turn-collector.js';

/** Parts of a span processor. */
export interface ProcessorParts extends Pipelines {
  readonly options: ResolvedOptions;
  readonly pendingResources: PendingResources;
  readonly logEvents: PendingLogEvents;
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
 * @throws TypeError if there is no destination and no key, and `host` is not loopback.
 */
export function createProcessorParts(options: ResolvedOptions): ProcessorParts {
  const pipelines = createPipelines(options);
  const { records, destinations, lifeCycle } = pipelines;
  const turns =
    options.granularity === 'call'
      ? undefined
      : new TurnCollector((turn) => guard('record', () => records.recordTurn(turn)));
  const record = (call: FinishedCall): void => {
    if (!turns) records.record(call.call, call);
    else if (records.admits(call)) turns.add(call);
  };
  const skipDuplicate = (): void => destinations.skip('duplicate');
  const deduplicator = new CallDeduplicator((call) => guard('record', () => record(call)), skipDuplicate);
  const spanTree = new SpanTree({
    onFinalCall: (call, mayRepeat) => deduplicator.add(call, mayRepeat),
    onDuplicate: skipDuplicate,
  });
  const heldCalls = new HeldCalls();
  lifeCycle.start(() => {
    heldCalls.releaseAll();
    deduplicator.releaseAll();
    turns?.emitEnded();
    return destinations.flush();
  });
  return {
    ...pipelines,
    options,
    pendingResources: new PendingResources(),
    logEvents: new PendingLogEvents(),
    heldCalls,
    spanTree,
    deduplicator,
    turns,
  };
}
