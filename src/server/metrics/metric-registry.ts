/** Values of the labels of one series. Names have to be the same for all series of a metric. */
export type Labels = Readonly<Record<string, string>>;

/** One value of a gauge, read when the metrics are asked for. */
export interface Sample {
  readonly labels?: Labels;
  readonly value: number;
}

interface Metric {
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly lines: () => readonly string[];
}

/** Series that one metric may have. Labels come from closed lists and from the configuration, so that more are a fault. */
const MAX_SERIES = 5000;

/** Sums by labels. */
export class Counter {
  readonly #series = new Map<string, number>();

  add(labels: Labels = {}, count = 1): void {
    const key = labelText(labels);
    const sum = this.#series.get(key);
    if (sum === undefined && this.#series.size >= MAX_SERIES) return;
    this.#series.set(key, (sum ?? 0) + count);
  }

  /** Series in the order in which they were first counted, as `{labels}` and sum. */
  entries(): Iterable<readonly [labels: string, sum: number]> {
    return this.#series;
  }
}

/** Counts of measured values by upper bounds, over all of them. */
export class Histogram {
  readonly #buckets: readonly { readonly bound: number; count: number }[];
  #sum = 0;
  #count = 0;

  /** `bounds` ascend. Values above the last one are counted as well. */
  constructor(bounds: readonly number[]) {
    this.#buckets = bounds.map((bound) => ({ bound, count: 0 }));
  }

  observe(value: number): void {
    this.#sum += value;
    this.#count += 1;
    for (const bucket of this.#buckets) if (value <= bucket.bound) bucket.count += 1;
  }

  lines(name: string): readonly string[] {
    return [
      ...this.#buckets.map(({ bound, count }) => `${name}_bucket{le="${bound}"} ${count}`),
      `${name}_bucket{le="+Inf"} ${this.#count}`,
      `${name}_sum ${this.#sum}`,
      `${name}_count ${this.#count}`,
    ];
  }
}

/**
 * The metrics of a process in the text format of Prometheus (version 0.0.4). It is written here, because `prom-client` 15 installs 2.7 MB with its
 * dependencies, and counters, gauges and one kind of histogram need none of it.
 */
export class MetricRegistry {
  readonly #metrics: Metric[] = [];

  /** `name` ends in `_total`. */
  counter(name: string, help: string): Counter {
    const counter = new Counter();
    this.#metrics.push({
      name,
      type: 'counter',
      help,
      lines: () => Array.from(counter.entries(), ([labels, sum]) => `${name}${labels} ${sum}`),
    });
    return counter;
  }

  /** A sum that something else counts already. `name` ends in `_total`. */
  counted(name: string, help: string, read: () => readonly Sample[]): void {
    this.#add('counter', name, help, read);
  }

  gauge(name: string, help: string, read: () => readonly Sample[]): void {
    this.#add('gauge', name, help, read);
  }

  histogram(name: string, help: string, bounds: readonly number[]): Histogram {
    const histogram = new Histogram(bounds);
    this.#metrics.push({ name, type: 'histogram', help, lines: () => histogram.lines(name) });
    return histogram;
  }

  render(): string {
    return this.#metrics
      .map(({ name, type, help, lines }) =>
        [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...lines(), ''].join('\n'),
      )
      .join('');
  }

  #add(type: 'counter' | 'gauge', name: string, help: string, read: () => readonly Sample[]): void {
    const lines = (): readonly string[] =>
      read().map(({ labels = {}, value }) => `${name}${labelText(labels)} ${value}`);
    this.#metrics.push({ name, type, help, lines });
  }
}

function labelText(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escape(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function escape(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
