import { expect, test } from 'vitest';
import { MetricRegistry } from '../../../src/server/metrics/metric-registry.js';

test('counters add up by their labels, and labels are escaped', () => {
  const registry = new MetricRegistry();
  const counter = registry.counter('requests_total', 'Requests.');
  counter.add({ path: 'a"b\\c\nd' });
  counter.add({ path: 'a"b\\c\nd' }, 4);
  counter.add();
  expect(registry.render()).toBe(
    '# HELP requests_total Requests.\n# TYPE requests_total counter\n' +
      'requests_total{path="a\\"b\\\\c\\nd"} 5\nrequests_total 1\n',
  );
});

test('a counter has 5,000 series, and those that it has go on', () => {
  const registry = new MetricRegistry();
  const counter = registry.counter('x_total', 'X.');
  for (let at = 0; at < 5_001; at += 1) counter.add({ at: String(at) });
  counter.add({ at: '0' });
  expect([...counter.entries()]).toHaveLength(5_000);
  expect([...counter.entries()][0]).toEqual(['{at="0"}', 2]);
});

test('a histogram counts each value in all buckets that it fits in', () => {
  const registry = new MetricRegistry();
  const histogram = registry.histogram('s', 'Seconds.', [1, 2]);
  for (const value of [0.5, 1, 1.5, 3]) histogram.observe(value);
  expect(registry.render()).toBe(
    '# HELP s Seconds.\n# TYPE s histogram\ns_bucket{le="1"} 2\ns_bucket{le="2"} 3\ns_bucket{le="+Inf"} 4\ns_sum 6\ns_count 4\n',
  );
});

test('gauges and sums of others are read when the metrics are asked for', () => {
  const registry = new MetricRegistry();
  let value = 1;
  registry.gauge('g', 'G.', () => [{ value }, { labels: { a: 'b' }, value: 2 }]);
  registry.counted('c_total', 'C.', () => [{ value }]);
  value = 7;
  expect(registry.render()).toBe(
    '# HELP g G.\n# TYPE g gauge\ng 7\ng{a="b"} 2\n# HELP c_total C.\n# TYPE c_total counter\nc_total 7\n',
  );
});
