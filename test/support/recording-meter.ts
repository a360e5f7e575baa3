import {
  type Attributes,
  createNoopMeter,
  type Meter,
  type MeterProvider,
  type MetricOptions,
} from '@opentelemetry/api';

/** One recorded measurement. */
export interface Measurement {
  readonly name: string;
  readonly value: number;
  readonly attributes: Attributes;
}

/** Creates a meter provider that keeps histograms and measurements. Tests with the real SDK are in test/compat. */
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
