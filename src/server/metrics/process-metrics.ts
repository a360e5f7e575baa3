import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { MetricRegistry } from './metric-registry.js';

/** Adds what every Prometheus client of a process has, under the usual names. */
export function addProcessMetrics(registry: MetricRegistry): void {
  registry.counted('process_cpu_seconds_total', 'Processor time in seconds.', () => {
    const { user, system } = process.cpuUsage();
    return [{ value: (user + system) / 1e6 }];
  });
  registry.gauge('process_resident_memory_bytes', 'Resident memory in bytes.', () => [
    { value: process.memoryUsage.rss() },
  ]);
  registry.gauge('nodejs_heap_size_used_bytes', 'Used heap of JavaScript in bytes.', () => [
    { value: process.memoryUsage().heapUsed },
  ]);
  const startedAt = Date.now() / 1000 - process.uptime();
  registry.gauge('process_start_time_seconds', 'Start of the process, in seconds since 1970.', () => [
    { value: startedAt },
  ]);
  const delay = monitorEventLoopDelay({ resolution: 20 });
  delay.enable();
  registry.gauge(
    'nodejs_eventloop_lag_p99_seconds',
    'Delay of the event loop since the last look, 99th percentile, in seconds.',
    () => {
      const value = delay.percentile(99) / 1e9;
      delay.reset();
      return [{ value: Number.isFinite(value) ? value : 0 }];
    },
  );
}
