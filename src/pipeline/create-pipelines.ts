import { deliverySettings, type ResolvedOptions } from '../config/options.js';
import { createDelivery } from '../delivery/create-delivery.js';
import { createDestinations } from './default-destinations.js';
import { DestinationFanOut } from './destination-fan-out.js';
import { LateOptOuts } from './late-opt-outs.js';
import { LifeCycle } from './lifecycle/life-cycle.js';
import { ManualPipeline } from './manual-pipeline.js';
import { maxLengthBeforeRedaction, PrivacyFilter } from './privacy-filter.js';
import { RecordLinks } from './record-links.js';
import { RecordPipeline } from './record-pipeline.js';
import { SpanLog } from './span-log.js';

/** Parts that processor, exporter and client share. */
export interface Pipelines {
  /** For LLM calls and turns that were read from spans. */
  readonly records: RecordPipeline;
  /** For records, events and feedback that the application hands over. */
  readonly manual: ManualPipeline;
  /** End of both pipelines: deliveries and counters. */
  readonly destinations: DestinationFanOut;
  /** Outcome of the latest spans. */
  readonly spanLog: SpanLog;
  /** Call its `start()` with a flush of everything that is buffered, when all parts exist. */
  readonly lifeCycle: LifeCycle;
}

/**
 * Builds the pipelines of one processor, exporter or client:
 *
 *     RecordPipeline ─┐
 *                     ├▶ PrivacyFilter ▶ DestinationFanOut ▶ one Delivery per destination
 *     ManualPipeline ─┘
 *
 * @throws TypeError if there is no destination: no `host`, or no key for a host that is not loopback.
 */
export function createPipelines(options: ResolvedOptions): Pipelines {
  const { project, properties } = options;
  const settings = deliverySettings(options);
  const deliveries = createDestinations(options).map((destination) => createDelivery(destination, settings));
  const lifeCycle = new LifeCycle(options);
  const destinations = new DestinationFanOut(deliveries, lifeCycle);
  const steps = {
    privacy: new PrivacyFilter(options),
    destinations,
    links: new RecordLinks(),
    lateOptOuts: new LateOptOuts(),
    spanLog: new SpanLog(),
  };
  const maxTextLength = maxLengthBeforeRedaction(options);
  const recordSettings = {
    ...options,
    maxTextLength,
    properties: { ...(project !== undefined && { project }), ...properties },
  };
  return {
    records: new RecordPipeline(recordSettings, steps),
    manual: new ManualPipeline(maxTextLength, steps),
    destinations,
    spanLog: steps.spanLog,
    lifeCycle,
  };
}
