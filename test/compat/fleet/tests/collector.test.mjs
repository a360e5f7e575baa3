import assert from 'node:assert/strict';
import { test } from 'node:test';
import { filesEndingIn, read, readYaml } from './support.mjs';

// The keys of each component, after its README and config schema: opentelemetry-collector and -contrib of August 2026 (0.156).
const RETRY = {
  enabled: 0,
  initial_interval: 0,
  max_interval: 0,
  max_elapsed_time: 0,
  multiplier: 0,
  randomization_factor: 0,
};
const QUEUE = {
  enabled: 0,
  sizer: ['requests', 'items', 'bytes'],
  queue_size: 0,
  num_consumers: 0,
  block_on_overflow: 0,
  wait_for_result: 0,
  storage: 0,
  batch: { flush_timeout: 0, min_size: 0, max_size: 0, sizer: ['items', 'bytes'] },
};
const ENDPOINT = { endpoint: 0, max_recv_msg_size_mib: 0, max_request_body_size: 0, include_metadata: 0 };
const KAFKA = { brokers: 0, protocol_version: 0, client_id: 0, tls: 0, auth: 0, metadata: 0 };
const COMPONENTS = {
  extensions: {
    health_check: { endpoint: 0, path: 0 },
    file_storage: {
      directory: 0,
      create_directory: 0,
      timeout: 0,
      fsync: 0,
      compaction: { on_start: 0, on_rebound: 0, directory: 0, max_transaction_size: 0, cleanup_on_start: 0 },
    },
  },
  receivers: {
    otlp: { protocols: { grpc: ENDPOINT, http: ENDPOINT } },
    kafka: {
      ...KAFKA,
      group_id: 0,
      initial_offset: ['latest', 'earliest'],
      traces: { topics: 0, encoding: ['otlp_proto', 'otlp_json'], exclude_topics: 0 },
      logs: { topics: 0, encoding: ['otlp_proto', 'otlp_json'], exclude_topics: 0 },
      message_marking: { after: 0, on_error: 0, on_permanent_error: 0 },
      error_backoff: RETRY,
      autocommit: { enable: 0, interval: 0 },
    },
  },
  processors: {
    memory_limiter: {
      check_interval: 0,
      limit_percentage: 0,
      spike_limit_percentage: 0,
      limit_mib: 0,
      spike_limit_mib: 0,
    },
  },
  exporters: {
    otlp_http: {
      endpoint: 0,
      compression: ['gzip', 'zstd', 'none'],
      timeout: 0,
      headers: '*',
      encoding: ['proto', 'json'],
      tls: 0,
      retry_on_failure: RETRY,
      sending_queue: QUEUE,
    },
    load_balancing: {
      routing_key: ['traceID', 'service', 'resource', 'metric', 'streamID', 'attributes'],
      resolver: { static: { hostnames: 0 }, dns: { hostname: 0, port: 0, interval: 0, timeout: 0 } },
      protocol: { otlp: { tls: { insecure: 0 }, timeout: 0, sending_queue: QUEUE, retry_on_failure: RETRY } },
      timeout: 0,
      retry_on_failure: RETRY,
      sending_queue: QUEUE,
    },
    kafka: {
      ...KAFKA,
      traces: { topic: 0, encoding: ['otlp_proto', 'otlp_json'] },
      logs: { topic: 0, encoding: ['otlp_proto', 'otlp_json'] },
      partition_traces_by_id: 0,
      partition_logs_by_trace_id: 0,
      producer: {
        max_message_bytes: 0,
        required_acks: [-1, 0, 1],
        compression: ['none', 'gzip', 'snappy', 'lz4', 'zstd'],
      },
      timeout: 0,
      retry_on_failure: RETRY,
      sending_queue: QUEUE,
    },
  },
};

const FILES = filesEndingIn('.yaml').filter((file) => file.startsWith('collector/'));

/** Paths of values that no documentation names. */
function unknownKeys(value, known, path) {
  if (known === '*' || known === 0) return [];
  if (Array.isArray(known)) return known.includes(value) ? [] : [`${path} = ${value}`];
  return Object.entries(value ?? {}).flatMap(([key, member]) =>
    key in known ? unknownKeys(member, known[key], `${path}.${key}`) : [`${path}.${key}`],
  );
}

test('there is a configuration for the front and for the servers, directly and over Kafka', () => {
  assert.deepEqual(FILES.toSorted(), [
    'collector/front.yaml',
    'collector/kafka-front.yaml',
    'collector/kafka-server.yaml',
    'collector/server.yaml',
  ]);
});

for (const file of FILES) {
  const [config] = readYaml(file);

  test(`${file} uses only keys that the documentation of the Collector has`, () => {
    const { service, ...kinds } = config;
    assert.deepEqual(Object.keys(kinds).toSorted(), ['exporters', 'extensions', 'processors', 'receivers']);
    for (const [kind, components] of Object.entries(kinds))
      assert.deepEqual(unknownKeys(components, COMPONENTS[kind], kind), []);
    assert.deepEqual(
      Object.keys(service).filter((key) => !['extensions', 'telemetry', 'pipelines'].includes(key)),
      [],
    );
  });

  test(`${file} uses every component that it defines, and defines every one that it uses`, () => {
    const used = {
      extensions: new Set(config.service.extensions),
      receivers: new Set(),
      processors: new Set(),
      exporters: new Set(),
    };
    for (const pipeline of Object.values(config.service.pipelines))
      for (const kind of ['receivers', 'processors', 'exporters'])
        for (const name of pipeline[kind]) used[kind].add(name);
    for (const [kind, names] of Object.entries(used))
      assert.deepEqual([...names].toSorted(), Object.keys(config[kind]).toSorted(), kind);
    assert.deepEqual(Object.keys(config.service.pipelines).toSorted(), ['logs', 'traces']);
  });

  test(`${file} loses nothing in an outage: it retries for ever, and its queue is on the disk`, () => {
    for (const [name, exporter] of Object.entries(config.exporters)) {
      const { retry_on_failure: retry, sending_queue: queue } = exporter;
      assert.equal(retry.enabled, true, name);
      if (queue.enabled) {
        assert.equal(retry.max_elapsed_time, '0s', name);
        assert.ok(queue.storage in config.extensions, name);
      } else {
        // Kafka keeps the data: its receiver repeats what was not taken.
        assert.equal(config.receivers.kafka.error_backoff.max_elapsed_time, '0s');
        assert.equal(config.receivers.kafka.message_marking.after, true);
        assert.equal(config.receivers.kafka.message_marking.on_error, false);
      }
    }
  });
}

test('all spans and log records of a trace meet on one server, directly and over Kafka', () => {
  const [front] = readYaml('collector/front.yaml');
  assert.equal(front.exporters.load_balancing.routing_key, 'traceID');
  // What waits for a server that is gone has to go to another one.
  assert.equal(front.exporters.load_balancing.protocol.otlp.sending_queue.enabled, false);
  const [kafka] = readYaml('collector/kafka-front.yaml');
  assert.equal(kafka.exporters.kafka.partition_traces_by_id, true);
  assert.equal(kafka.exporters.kafka.partition_logs_by_trace_id, true);
  const [consumer] = readYaml('collector/kafka-server.yaml');
  for (const signal of ['traces', 'logs'])
    assert.deepEqual(consumer.receivers.kafka[signal].topics, [kafka.exporters.kafka[signal].topic]);
});

test('requests are smaller than the server takes', () => {
  const [server] = readYaml('collector/server.yaml');
  const { sizer, min_size: min, max_size: max } = server.exporters.otlp_http.sending_queue.batch;
  assert.equal(sizer, 'bytes');
  assert.ok(min <= max && max < 20 * 1024 * 1024);
});

test('the variables of the configurations are set by compose and by Kubernetes', () => {
  const environments = {
    'collector/front.yaml': [
      ['compose.yaml', 'COLLECTORS'],
      ['k8s/collector.yaml', 'COLLECTORS'],
    ],
    'collector/server.yaml': [
      ['compose.yaml', 'TRUBRICS_SERVER_URL'],
      ['compose.yaml', 'TRUBRICS_WRITING_KEY'],
      ['k8s/servers.yaml', 'TRUBRICS_SERVER_URL'],
      ['k8s/servers.yaml', 'TRUBRICS_WRITING_KEY'],
    ],
  };
  for (const [file, places] of Object.entries(environments)) {
    const used = new Set([...read(file).matchAll(/\$\{env:(\w+)\}/g)].map(([, name]) => name));
    assert.deepEqual([...used].toSorted(), [...new Set(places.map(([, name]) => name))].toSorted());
    for (const [place, name] of places) assert.match(read(place), new RegExp(`(?:name: )?${name}\\b`));
  }
});
