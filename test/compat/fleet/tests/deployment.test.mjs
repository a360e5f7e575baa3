import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, posix } from 'node:path';
import { test } from 'node:test';
import {
  APP,
  CLI,
  eventually,
  filesEndingIn,
  FLEET,
  publish,
  read,
  READING,
  readYaml,
  startServer,
} from './support.mjs';

const YAML = filesEndingIn('.yaml');

test('every YAML file is strict YAML, and every JSON file is JSON', () => {
  assert.ok(YAML.length >= 14);
  for (const file of YAML)
    for (const document of readYaml(file)) assert.equal(typeof document, 'object', file);
  for (const file of filesEndingIn('.json')) JSON.parse(read(file));
});

const [compose] = readYaml('compose.yaml');

test('compose pins every image, mounts only files that exist, and waits for what it needs', () => {
  for (const [name, service] of Object.entries(compose.services)) {
    if (service.image) assert.match(service.image, /:v?\d/, name);
    else assert.equal(service.build, '.', name);
    for (const volume of service.volumes ?? []) {
      const [source] = volume.split(':');
      if (source.startsWith('.')) assert.ok(existsSync(join(FLEET, source)), volume);
      else assert.ok(source in compose.volumes, volume);
    }
    const needed = Array.isArray(service.depends_on)
      ? service.depends_on
      : Object.keys(service.depends_on ?? {});
    for (const other of needed) assert.ok(other in compose.services, `${name} needs ${other}`);
  }
});

test('compose takes its secrets from variables that .env.example has', () => {
  const used = new Set([...read('compose.yaml').matchAll(/\$\{(\w+):\?\}/g)].map(([, name]) => name));
  const named = read('.env.example').match(/^\w+(?==)/gm);
  assert.deepEqual([...used].toSorted(), named.toSorted());
});

test('each server of compose has a Collector of its own, under the name that the one in front looks up', () => {
  const { collector, 'collector-a': a, 'collector-b': b } = compose.services;
  assert.deepEqual(
    [a, b].map(({ environment }) => environment.TRUBRICS_SERVER_URL),
    ['http://server-a:8782', 'http://server-b:8782'],
  );
  for (const { networks, volumes } of [a, b]) {
    assert.deepEqual(networks.default.aliases, [collector.environment.COLLECTORS]);
    assert.ok(volumes.some((volume) => /^queue-\w+:\/var\/lib\/otelcol$/.test(volume)));
  }
  assert.notDeepEqual(a.volumes, b.volumes);
});

/** Variables of servers in compose and in the manifests. */
function serverVariables() {
  const [, , , statefulSet] = readYaml('k8s/servers.yaml');
  const { env } = statefulSet.spec.template.spec.containers.find(({ name }) => name === 'server');
  return new Set([
    ...Object.keys(compose.services['server-a'].environment),
    ...env.map(({ name }) => name),
    ...read('Dockerfile').match(/TRUBRICS_\w+/g),
  ]);
}

test('every variable of a server is one that serve knows', () => {
  const help = spawnSync(process.execPath, [CLI, 'serve', '--help'], { encoding: 'utf8' }).stdout;
  for (const name of serverVariables()) assert.ok(help.includes(name), name);
});

/** Returns the value of an instruction of the Dockerfile that is a list. */
function instruction(name) {
  const [, list] =
    new RegExp(`^\\s*${name} (\\[.*\\])$`, 'm').exec(read('Dockerfile').replaceAll('\\\n', '')) ?? [];
  return JSON.parse(list);
}

test('the command of the image starts a server with the variables of compose, and its health check passes', async (t) => {
  const [program, ...entry] = instruction('ENTRYPOINT');
  const environment = { ...compose.services['server-a'].environment };
  environment.TRUBRICS_SERVER_STORE = 'memory';
  environment.TRUBRICS_SERVER_KEYS = environment.TRUBRICS_SERVER_KEYS.replace(/\$\{.*\}/, 'writing');
  environment.TRUBRICS_SERVER_TOKENS = environment.TRUBRICS_SERVER_TOKENS.replace(/\$\{.*\}/, 'reading');
  const child = spawn(program, [...entry, ...instruction('CMD')], {
    cwd: APP,
    env: { ...process.env, ...environment, TRUBRICS_SERVER_PORT: '0' },
  });
  t.after(() => child.kill('SIGKILL'));
  let output = '';
  child.stdout.on('data', (data) => (output += data));
  child.stderr.on('data', (data) => (output += data));
  const port = await eventually(() => {
    const [, found] = /:(\d{4,5})\b/.exec(output.replaceAll(/"time":"[^"]*"/g, '')) ?? [];
    assert.ok(found, output);
    return found;
  });
  const [, check, ...args] = instruction('HEALTHCHECK.*? CMD');
  const healthy = spawnSync(
    process.execPath,
    [check, ...args].map((arg) => arg.replace(':8782', `:${port}`)),
  );
  assert.equal(healthy.status, 0, healthy.stderr.toString());
  assert.equal((await publish(`http://127.0.0.1:${port}`, ['a'])).status, 200);
  const stopped = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  assert.equal(await stopped, 0);
});

const [kustomization] = readYaml('kustomization.yaml');
const MANIFESTS = kustomization.resources.flatMap((file) => readYaml(file));

function ofKind(kind) {
  return MANIFESTS.filter((manifest) => manifest.kind === kind);
}

test('the kustomization names every manifest, and every Collector configuration that the manifests mount', () => {
  assert.deepEqual(
    kustomization.resources.toSorted(),
    YAML.filter((file) => file.startsWith('k8s/')).toSorted(),
  );
  const generated = kustomization.configMapGenerator.map(({ name }) => name);
  for (const { spec } of ofKind('StatefulSet'))
    for (const { configMap } of spec.template.spec.volumes)
      if (configMap) assert.ok(generated.includes(configMap.name));
  for (const { files } of kustomization.configMapGenerator)
    for (const file of files) {
      const [name, path] = file.split('=');
      assert.equal(name, posix.basename(path));
      assert.ok(existsSync(join(FLEET, path)), file);
    }
});

test('every manifest has a kind and a name, and services find the pods and the ports that they name', () => {
  for (const { apiVersion, kind, metadata } of MANIFESTS) assert.ok(apiVersion && kind && metadata.name);
  const pods = ofKind('StatefulSet').map(({ spec }) => spec.template);
  for (const { metadata, spec } of ofKind('Service')) {
    const pod = pods.find(({ metadata: { labels } }) => labels.app === spec.selector.app);
    assert.ok(pod, metadata.name);
    const ports = pod.spec.containers.flatMap(({ ports: list }) => list);
    for (const { targetPort } of spec.ports)
      assert.ok(
        ports.some(({ name, containerPort }) => [name, containerPort].includes(targetPort)),
        `${metadata.name} ${targetPort}`,
      );
  }
  const services = ofKind('Service').map(({ metadata }) => metadata.name);
  for (const { spec } of ofKind('StatefulSet')) assert.ok(services.includes(spec.serviceName));
  for (const { spec } of ofKind('Ingress'))
    for (const { http } of spec.rules)
      for (const { backend } of http.paths) assert.ok(services.includes(backend.service.name));
  const [, collectors] = ofKind('Service');
  assert.equal(collectors.spec.clusterIP, 'None');
  assert.match(
    read('k8s/collector.yaml'),
    new RegExp(`value: ${collectors.metadata.name}\\.${kustomization.namespace}\\.svc`),
  );
});

test('the manifests read only keys that the secret has, mount only volumes that they define, and leave time to drain', () => {
  const [secret] = ofKind('Secret');
  for (const { spec } of ofKind('StatefulSet')) {
    const { containers, volumes, terminationGracePeriodSeconds } = spec.template.spec;
    const mountable = [...volumes, ...spec.volumeClaimTemplates.map(({ metadata }) => metadata)].map(
      ({ name }) => name,
    );
    for (const { env = [], volumeMounts = [] } of containers) {
      for (const { valueFrom } of env)
        if (valueFrom) assert.ok(valueFrom.secretKeyRef.key in secret.stringData);
      for (const { name } of volumeMounts) assert.ok(mountable.includes(name), name);
    }
    const drain = containers
      .flatMap(({ env = [] }) => env)
      .find(({ name }) => name === 'TRUBRICS_SERVER_DRAIN_SECONDS');
    if (drain) assert.ok(terminationGracePeriodSeconds > Number(drain.value));
  }
  const { stop_grace_period: grace, environment } = compose.services['server-a'];
  assert.ok(Number.parseInt(grace, 10) > Number(environment.TRUBRICS_SERVER_DRAIN_SECONDS));
});

test('the paths of the probes and of the metrics answer', async (t) => {
  const server = await startServer(t);
  const { metadata, spec } = ofKind('StatefulSet').find(({ metadata: { name } }) => name === 'trubrics').spec
    .template;
  const [container] = spec.containers;
  for (const { httpGet } of [container.livenessProbe, container.readinessProbe])
    assert.equal((await fetch(server.url + httpGet.path)).status, 200, httpGet.path);
  assert.equal((await fetch(server.url + metadata.annotations['prometheus.io/path'])).status, 200);
  assert.equal((await fetch(`${server.url}/api/records`, READING)).status, 200);
});

test('ClickHouse keeps its logs about itself for days, and gives the user of the servers its own tables alone', () => {
  const [config] = readYaml('clickhouse/config.yaml');
  const logs = Object.entries(config).filter(([name]) => name.endsWith('_log'));
  assert.ok(logs.length >= 12);
  for (const [name, log] of logs)
    assert.ok(log['@remove'] === '1' || /TTL event_date \+ INTERVAL \d DAY/.test(log.engine), name);
  assert.ok(config.backups.allowed_disk in config.storage_configuration.disks);
  const [{ users, profiles }] = readYaml('clickhouse/users.yaml');
  assert.deepEqual(Object.keys(users), ['trubrics']);
  assert.ok(users.trubrics.profile in profiles);
  for (const { query } of users.trubrics.grants)
    assert.match(query, /^GRANT [A-Z, ]+ ON (?:trubrics\.\*|system\.parts)$/);
});
