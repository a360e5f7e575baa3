import { RecentMap } from '../common/collections/recent-map.js';
import { sharedState } from '../common/collections/shared-state.js';

/** Above it, the run that was linked first is forgotten. */
const MAX_RUNS = 10_000;
/** Above it, feedback that waits for longest is given up. */
const MAX_WAITING = 1_000;

/**
 * Records by LangChain run: the run of the model, and the runs above it. Feedback finds the record by the id of any of
 * them. An id that is used again means the latest record.
 *
 * Lives on a global symbol: records are made from spans by a processor, feedback can come through a client or another copy of this package.
 */
const RUN_RECORDS = Symbol.for('opentelemetry-exporter-trubrics.run-records.2');

interface RunRecords {
  readonly recordIds: RecentMap<string, string>;
  /** Feedback on a run whose record has not been made: a turn that is not over, or a call that is held. */
  readonly waiting: Map<WaitingFeedback, string>;
}

/** Called once: with the record of the run, or with undefined if there is none. */
export type WaitingFeedback = (recordId: string | undefined) => void;

/** Links runs to their record, and hands it to the feedback that waits for it. */
export function linkRuns(runIds: readonly string[], recordId: string): void {
  const { recordIds, waiting } = runRecords();
  for (const runId of runIds) recordIds.set(runId, recordId);
  if (waiting.size === 0) return;
  for (const [feedback, runId] of waiting) if (runIds.includes(runId)) settle(feedback, recordId);
}

/** Returns the record that a run is part of. */
export function recordOfRun(runId: string): string | undefined {
  return runRecords().recordIds.get(runId);
}

/** Calls `feedback` when the record of the run is made, or {@link giveUp} is called. */
export function whenRecorded(runId: string, feedback: WaitingFeedback): void {
  const { waiting } = runRecords();
  waiting.set(feedback, runId);
  if (waiting.size <= MAX_WAITING) return;
  const [oldest] = waiting.keys();
  if (oldest) giveUp(oldest);
}

/** Ends the waiting of a feedback, if it still waits. */
export function giveUp(feedback: WaitingFeedback): void {
  settle(feedback, undefined);
}

function settle(feedback: WaitingFeedback, recordId: string | undefined): void {
  if (runRecords().waiting.delete(feedback)) feedback(recordId);
}

function runRecords(): RunRecords {
  return sharedState(RUN_RECORDS, () => ({ recordIds: new RecentMap(MAX_RUNS), waiting: new Map() }));
}
