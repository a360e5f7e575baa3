import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { FLEET, publish, read, readYaml, startServer } from './support.mjs';

const dashboard = JSON.parse(read('monitoring/dashboard.json'));
const [alerts] = readYaml('monitoring/alerts.yaml');
const RULES = alerts.groups.flatMap(({ rules }) => rules);
const EXPRESSIONS = [
  ...dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)),
  ...RULES.map(({ expr }) => expr),
];
/** Metrics of others: of Prometheus, and of the Collector (exporterhelper/documentation.md). */
const FOREIGN = new Set(['up', 'otelcol_exporter_queue_size', 'otelcol_exporter_queue_capacity']);

function metricsIn(expression) {
  return (
    expression
      .replaceAll(/\{[^}]*\}|\bby \([^)]*\)/g, '')
      .match(/\b(?:trubrics|process|nodejs|otelcol)_\w+|\bup\b/g) ?? []
  );
}

/** Returns names and labels of the metrics of a server, as it shows them. */
async function readMetrics(url) {
  const text = await (await fetch(`${url}/metrics`)).text();
  const names = new Set();
  for (const [, name, type] of text.matchAll(/^# TYPE (\w+) (\w+)$/gm))
    for (const suffix of type === 'histogram' ? ['_bucket', '_sum', '_count'] : [''])
      names.add(name + suffix);
  const labels = new Map();
  for (const [, name, list = ''] of text.matchAll(/^(\w+)(?:\{(.*)\})? /gm))
    labels.set(
      name,
      new Set([...(labels.get(name) ?? []), ...[...list.matchAll(/(\w+)="/g)].map(([, label]) => label)]),
    );
  return { names, labels, text };
}

test('the dashboard and the alerts use only metrics and labels that a server has', async (t) => {
  const server = await startServer(t);
  await publish(server.url, ['a']);
  await publish(server.url, ['a'], 'wrong');
  const { names, labels } = await readMetrics(server.url);
  const used = new Set(EXPRESSIONS.flatMap(metricsIn));
  assert.ok(used.size > 15);
  for (const name of used) assert.ok(FOREIGN.has(name) || names.has(name), name);
  for (const expression of EXPRESSIONS) {
    const [, list = ''] = /\bby \(([^)]*)\)/.exec(expression) ?? [];
    const groups = list
      .split(',')
      .map((label) => label.trim())
      .filter((label) => label && label !== 'instance');
    for (const name of metricsIn(expression)) {
      const known = labels.get(name);
      if (known) for (const label of groups) assert.ok(known.has(label), `${label} in ${expression}`);
    }
  }
});

test('every metric of a server that tells of trouble is in an alert or on the dashboard', async (t) => {
  const server = await startServer(t);
  const { text } = await readMetrics(server.url);
  const used = new Set(
    EXPRESSIONS.flatMap(metricsIn).map((name) => name.replace(/_(?:bucket|sum|count)$/, '')),
  );
  const known = [...text.matchAll(/^# TYPE (trubrics_\w+) /gm)].map(([, name]) => name);
  const unused = known.filter((name) => !used.has(name));
  // The version, the size of a memory that is shown by its spans, and late log records, which are no trouble of the server.
  const expected = [
    'trubrics_build_info',
    'trubrics_join_characters',
    'trubrics_join_unmatched_log_records_total',
  ];
  assert.deepEqual(
    unused.filter((name) => !expected.includes(name)),
    [],
  );
});

test('the panels of the dashboard do not overlap, and read the chosen data source', () => {
  const taken = new Set();
  assert.equal(new Set(dashboard.panels.map(({ id }) => id)).size, dashboard.panels.length);
  for (const {
    title,
    gridPos: { x, y, w, h },
    datasource,
  } of dashboard.panels) {
    assert.equal(datasource.uid, '${datasource}');
    assert.ok(x + w <= 24, title);
    for (let column = x; column < x + w; column++)
      for (let row = y; row < y + h; row++) {
        assert.ok(!taken.has(`${column} ${row}`), title);
        taken.add(`${column} ${row}`);
      }
  }
});

test('every alert says what is wrong and how bad it is', () => {
  for (const { alert, expr, labels, annotations } of RULES) {
    assert.ok(alert && expr && annotations.summary);
    assert.match(labels.severity, /^(?:critical|warning)$/);
  }
  assert.equal(new Set(RULES.map(({ alert }) => alert)).size, RULES.length);
});

const promtool = process.env.TRUBRICS_PROMTOOL ?? 'promtool';
const hasPromtool = spawnSync(promtool, ['--version']).status === 0;

test(
  'promtool accepts the alerts and the configurations',
  { skip: !hasPromtool && 'there is no promtool' },
  () => {
    // Without --syntax-only, it looks for the file of the token.
    for (const args of [['prometheus.yaml'], ['--syntax-only', 'prometheus-kubernetes.yaml']]) {
      const { status, stdout, stderr } = spawnSync(promtool, ['check', 'config', ...args], {
        cwd: join(FLEET, 'monitoring'),
        encoding: 'utf8',
      });
      assert.equal(status, 0, stdout + stderr);
    }
  },
);
