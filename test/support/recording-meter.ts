import {
  type Attributes,
  createNoopMeter,
  type Meter,
  type MeterProvider,
  type MetricOptions,
} from '@opentelemetry/api';

/** One measurement, as the SDK would get it. */
export interface Measurement {
  readonly name: string;
  readonly value: number;
  readonly attributes: Attributes;
}

/** A meter provider that keeps the histograms it is asked for and what is recorded. The real SDK is in test/compat. */
export function recordingMeterProvider() {
  const measurements: Measurement[] = [];
  const histograms = new Map<string, MetricOptions>();
  const meter: Meter = Object.assign(Object.create(createNoopMeter()) as Meter, {
    createHistogram(name: string, options: MetricOptions) {
      histograms.set(name, options);
      return {
        record: (value: number, attributes: Attributes = {}) =>
          measurements.push({ name, value, attributes }),
      };
    },
  });
  const provider: MeterProvider = { getMeter: () => meter };
  return { provider, measurements, histograms };
}
