import { warnUserOnce } from '../common/logger.js';
import { oldRuntimeProblem } from '../common/web/old-runtime.js';
import { deliverySettings, type ResolvedOptions } from '../config/options.js';
import { createDelivery } from '../delivery/create-delivery.js';
import { createDestinations } from './default-destinations.js';
import { DestinationFanOut } from './destination-fan-out.js';
import { LateOptOuts } from './late-opt-outs.js';
import { LifeCycle } from './lifecycle/life-cycle.js';
import { ManualPipeline } from './manual-pipeline.js';
import { maxLengthBeforeRedaction, PrivacyFilter } from './privacy-filter.js';
import { RecordLinks } from './record-links.js';
import { RecordPipeline, type PipelineSteps, type RecordPipelineSettings } from './record-pipeline.js';
import { SpanLog } from './span-log.js';

/** Parts of a client, which processor and exporter have as well. */
export interface ManualPipelines {
  /** For records, events and feedback that the application hands over. */
  readonly manual: ManualPipeline;
  /** End of all pipelines: deliveries and counters. */
  readonly destinations: DestinationFanOut;
  /** Call its `start()` with a flush of everything that is buffered, when all parts exist. */
  readonly lifeCycle: LifeCycle;
}

/** Parts that processor and exporter share. */
export interface Pipelines extends ManualPipelines {
  /** For LLM calls and turns that were read from spans. */
  readonly records: RecordPipeline;
  /** Outcome of the latest spans. */
  readonly spanLog: SpanLog;
}

/**
 * Builds the pipelines of one processor or exporter:
 *
 *     RecordPipeline ─┐
 *                     ├▶ PrivacyFilter ▶ DestinationFanOut ▶ one Delivery per destination
 *     ManualPipeline ─┘
 *
 * @throws TypeError if there is no destination: no `host`, or no key for a host that is not loopback.
 */
export function createPipelines(options: ResolvedOptions): Pipelines {
  const problem = oldRuntimeProblem();
  if (problem !== undefined) warnUserOnce(`Nothing is recorded: ${problem}`);
  const steps = createSteps(options);
  const spanLog = new SpanLog();
  return {
    ...pipelinesOf(options, steps),
    records: new RecordPipeline(recordSettingsOf(options), steps, spanLog),
    spanLog,
  };
}

/** Like {@link createPipelines} for a client, whose bundle does without everything that reads spans. */
export function createManualPipelines(options: ResolvedOptions): ManualPipelines {
  return pipelinesOf(options, createSteps(options));
}

/** Returns the settings of all records, from spans and by hand: with the property `project`, and texts as long as `redact` sees them. */
export function recordSettingsOf(options: ResolvedOptions): RecordPipelineSettings {
  const { project, properties } = options;
  return {
    ...options,
    maxTextLength: maxLengthBeforeRedaction(options),
    properties: { ...(project !== undefined && { project }), ...properties },
  };
}

function createSteps(options: ResolvedOptions): PipelineSteps & Pick<Pipelines, 'lifeCycle'> {
  const settings = deliverySettings(options);
  const deliveries = createDestinations(options).map((destination) => createDelivery(destination, settings));
  const lifeCycle = new LifeCycle(options);
  return {
    privacy: new PrivacyFilter(options),
    destinations: new DestinationFanOut(deliveries, lifeCycle),
    links: new RecordLinks(),
    lateOptOuts: new LateOptOuts(),
    lifeCycle,
  };
}

function pipelinesOf(options: ResolvedOptions, steps: ReturnType<typeof createSteps>): ManualPipelines {
  const { destinations, lifeCycle } = steps;
  return { manual: new ManualPipeline(maxLengthBeforeRedaction(options), steps), destinations, lifeCycle };
}
