import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { get } from 'node:http';
import { join, posix } from 'node:path';
import { test } from 'node:test';
import { parseAllDocuments } from 'yaml';
import { filesEndingIn, FLEET, read, READING, readYaml, startServer } from './support.mjs';

const [kustomization] = readYaml('kustomization.yaml');
const MANIFESTS = kustomization.resources.flatMap((file) => readYaml(file));
const PODS = ofKind('StatefulSet').map(({ spec }) => spec.template);

function ofKind(kind) {
  return MANIFESTS.filter((manifest) => manifest.kind === kind);
}

function containersOf({ spec }) {
  return [...(spec.initContainers ?? []), ...spec.containers];
}

/** Returns the same value, and adds the paths of what is read of it to a set. */
function recorded(value, path, paths) {
  if (typeof value !== 'object' || value === null) return value;
  return new Proxy(value, {
    get(target, key) {
      if (!Object.hasOwn(target, key)) return Reflect.get(target, key);
      paths.add(`${path}/${key}`);
      return recorded(target[key], `${path}/${key}`, paths);
    },
  });
}

function pathsIn(value, path = '') {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, member]) => [
    `${path}/${key}`,
    ...pathsIn(member, `${path}/${key}`),
  ]);
}

/** Returns what the API of Kubernetes would refuse in a manifest. Its schemas allow unknown keys: what the validator does not read is one. */
async function problemsOf(manifest) {
  const [version, group = 'core'] = manifest.apiVersion.split('/').toReversed();
  const [first] = group.split('.');
  const [groupName, versionName] = [first, version].map((name) => name[0].toUpperCase() + name.slice(1));
  const schema = `kubernetes-models/_schemas/IoK8sApi${groupName}${versionName}${manifest.kind}`;
  const { validate } = await import(schema);
  const known = new Set();
  const isValid = validate(recorded(manifest, '', known));
  return [
    ...(isValid
      ? []
      : validate.errors.map(
          ({ instancePath, message, keyword }) => `${instancePath}: ${message ?? keyword}`,
        )),
    ...pathsIn(manifest).filter((path) => !known.has(path)),
  ];
}

test('every manifest is one that the API of Kubernetes accepts', async () => {
  assert.ok(MANIFESTS.length >= 10);
  for (const manifest of MANIFESTS)
    assert.deepEqual(await problemsOf(manifest), [], `${manifest.kind} ${manifest.metadata.name}`);
});

for (const [fault, change] of [
  ['a key of another place', ({ spec }) => (spec.template.spec.readinessProbe = {})],
  ['a misspelled key', ({ spec }) => (spec.template.spec.containers[0].securityContext.runAsNonroot = true)],
  ['a missing key', ({ spec }) => delete spec.selector],
  ['a number as text', ({ spec }) => (spec.template.spec.containers[0].ports[0].containerPort = '8782')],
  ['a text as number', ({ spec }) => (spec.template.spec.containers[0].env[0].value = 25)],
  ['a value of no list', ({ spec }) => (spec.podManagementPolicy = 'parallel')],
])
  test(`the check of manifests finds ${fault}`, async () => {
    const manifest = structuredClone(ofKind('StatefulSet')[0]);
    change(manifest);
    assert.notDeepEqual(await problemsOf(manifest), []);
  });

test('the kustomization names every manifest, and every Collector configuration that the manifests mount', () => {
  assert.deepEqual(
    kustomization.resources.toSorted(),
    filesEndingIn('.yaml')
      .filter((file) => file.startsWith('k8s/'))
      .toSorted(),
  );
  const generated = kustomization.configMapGenerator;
  for (const { files } of generated)
    for (const file of files) {
      const [name, path] = file.split('=');
      assert.equal(name, posix.basename(path));
      assert.ok(existsSync(join(FLEET, path)), file);
    }
  const mounted = PODS.flatMap(({ spec }) => spec.volumes.flatMap(({ configMap }) => configMap?.name ?? []));
  assert.deepEqual(mounted.toSorted(), generated.map(({ name }) => name).toSorted());
  for (const pod of PODS)
    for (const { args, volumeMounts = [] } of containersOf(pod)) {
      const [, folder, file] = /^--config=(.*)\/(.*)$/.exec(args.join(' ')) ?? [];
      if (folder === undefined) continue;
      const mount = volumeMounts.find(({ mountPath }) => mountPath === folder);
      const { configMap } = pod.spec.volumes.find(({ name }) => name === mount.name);
      const { files } = generated.find(({ name }) => name === configMap.name);
      assert.ok(files.some((entry) => entry.startsWith(`${file}=`)));
    }
  const images = PODS.flatMap(containersOf).map(({ image }) => image);
  for (const image of images)
    assert.ok(/:\d[\w.-]*$/.test(image) || kustomization.images.some(({ name }) => name === image), image);
  for (const { newTag } of kustomization.images) assert.match(newTag, /^\d/);
});

test('services find pods and ports by their labels and names, and what names a service names one that is there', () => {
  for (const { metadata, spec } of [...ofKind('StatefulSet'), ...ofKind('PodDisruptionBudget')]) {
    const pod =
      spec.template ?? PODS.find(({ metadata: { labels } }) => matches(labels, spec.selector.matchLabels));
    assert.ok(pod && matches(pod.metadata.labels, spec.selector.matchLabels), metadata.name);
  }
  const services = ofKind('Service');
  for (const { metadata, spec } of services) {
    const found = PODS.filter(({ metadata: { labels } }) => matches(labels, spec.selector));
    assert.equal(found.length, 1, metadata.name);
    const ports = containersOf(found[0]).flatMap(({ ports: list }) => list);
    for (const { targetPort } of spec.ports)
      assert.equal(
        ports.filter(({ name }) => name === targetPort).length,
        1,
        `${metadata.name} ${targetPort}`,
      );
  }
  // The pods of a StatefulSet have names only below a service without an address of its own.
  for (const { spec } of ofKind('StatefulSet'))
    assert.equal(services.find(({ metadata }) => metadata.name === spec.serviceName)?.spec.clusterIP, 'None');
  for (const { spec } of ofKind('Ingress'))
    for (const { backend } of spec.rules.flatMap(({ http }) => http.paths)) {
      const service = services.find(({ metadata }) => metadata.name === backend.service.name);
      assert.ok(service.spec.ports.some(({ name }) => name === backend.service.port.name));
    }
});

function matches(labels, selector) {
  return Object.entries(selector).every(([name, value]) => labels[name] === value);
}

test('the Collector in front looks up the service of those beside the servers, at the port that they listen on', () => {
  const collectors = ofKind('Service').find(({ metadata }) => metadata.name === 'trubrics-collectors');
  const host = `${collectors.metadata.name}.${kustomization.namespace}.svc.cluster.local`;
  const values = PODS.flatMap(containersOf).flatMap(({ env }) => env);
  assert.equal(values.find(({ name }) => name === 'COLLECTORS').value, host);
  const [front] = readYaml('collector/front.yaml');
  const { port } = front.exporters.load_balancing.resolver.dns;
  assert.deepEqual(
    collectors.spec.ports.map((each) => String(each.port)),
    [port],
  );
  // The resolver takes addresses alone, so that the service cannot translate the port.
  const pod = PODS.find(({ metadata: { labels } }) => matches(labels, collectors.spec.selector));
  const { containerPort } = containersOf(pod)
    .flatMap(({ ports }) => ports)
    .find(({ name }) => name === collectors.spec.ports[0].targetPort);
  assert.equal(String(containerPort), port);
  const server = containersOf(pod).find(({ name }) => name === 'server');
  const url = values.find(({ name }) => name === 'TRUBRICS_SERVER_URL').value;
  assert.equal(Number(new URL(url).port), server.ports[0].containerPort);
});

test('the ports of Collectors are those of their configurations', () => {
  let checked = 0;
  for (const { args, ports } of PODS.flatMap(containersOf)) {
    const [, file] = /^--config=\/etc\/otelcol\/(.*)$/.exec(args.join(' ')) ?? [];
    if (file === undefined) continue;
    checked++;
    const text = read(`collector/${file}`);
    const found = [...text.matchAll(/endpoint: 0\.0\.0\.0:(\d+)|^\s*port: (\d+)$/gm)];
    const listening = new Set(found.map(([, endpoint, port]) => Number(endpoint ?? port)));
    assert.deepEqual(new Set(ports.map(({ containerPort }) => containerPort)), listening, file);
  }
  assert.equal(checked, 2);
});

test('the manifests read only keys that the secret has, and all of them, and mount only volumes that they define', () => {
  const [secret] = ofKind('Secret');
  const used = new Set();
  for (const { spec } of ofKind('StatefulSet')) {
    const { volumes } = spec.template.spec;
    const mountable = [...volumes, ...spec.volumeClaimTemplates.map(({ metadata }) => metadata)].map(
      ({ name }) => name,
    );
    const mounted = new Set();
    for (const { env = [], volumeMounts = [] } of containersOf(spec.template)) {
      for (const { valueFrom } of env) {
        if (!valueFrom) continue;
        assert.equal(valueFrom.secretKeyRef.name, secret.metadata.name);
        used.add(valueFrom.secretKeyRef.key);
      }
      for (const { name } of volumeMounts) mounted.add(name);
    }
    assert.deepEqual([...mounted].toSorted(), mountable.toSorted());
  }
  assert.deepEqual([...used].toSorted(), Object.keys(secret.stringData).toSorted());
  // The Collector sends with a key that servers accept.
  assert.ok(secret.stringData.keys.split(',').includes(`default=${secret.stringData['writing-key']}`));
});

test('the queue of each Collector is on its claim, which has room for it twice, to be compacted', () => {
  for (const { spec } of ofKind('StatefulSet')) {
    const [{ spec: claim }] = spec.volumeClaimTemplates;
    const [, gigabytes] = /^(\d+)Gi$/.exec(claim.resources.requests.storage);
    const collector = containersOf(spec.template).find(({ image }) => image.includes('collector'));
    const [, file] = /\/etc\/otelcol\/(.*)$/.exec(collector.args.join(' '));
    const [{ extensions, exporters }] = readYaml(`collector/${file}`);
    const { directory, compaction } = extensions.file_storage;
    const { mountPath } = collector.volumeMounts.find(({ name }) => name === 'queue');
    assert.ok(directory.startsWith(`${mountPath}/`) && compaction.directory.startsWith(mountPath), file);
    const [size] = Object.values(exporters).map(({ sending_queue: queue }) => queue.queue_size);
    assert.ok(Number(gigabytes) * 2 ** 30 >= 2 * size, file);
  }
});

test('pods have time to drain, and run without rights that they do not need', () => {
  for (const { spec } of PODS) {
    assert.equal(spec.securityContext.runAsNonRoot, true);
    assert.deepEqual([spec.automountServiceAccountToken, spec.enableServiceLinks], [false, false]);
    for (const { name, env, lifecycle, resources, securityContext } of spec.containers) {
      assert.deepEqual(securityContext.capabilities, { drop: ['ALL'] }, name);
      assert.equal(securityContext.allowPrivilegeEscalation, false, name);
      assert.ok(resources.requests.memory && resources.limits.memory, name);
      const drain = env.find((each) => each.name === 'TRUBRICS_SERVER_DRAIN_SECONDS');
      if (!drain) continue;
      const [, sleep] = lifecycle.preStop.exec.command;
      assert.ok(spec.terminationGracePeriodSeconds > Number(drain.value) + Number(sleep));
    }
  }
  const [compose] = readYaml('compose.yaml');
  const { stop_grace_period: grace, environment } = compose.services['server-a'];
  assert.ok(Number.parseInt(grace, 10) > Number(environment.TRUBRICS_SERVER_DRAIN_SECONDS));
});

test('the paths of the probes answer to the kubelet, which names the address of the pod as host', async (t) => {
  const server = await startServer(t, { TRUBRICS_SERVER_METRICS_TOKEN: 'metrics' });
  const container = PODS.flatMap(containersOf).find(({ name }) => name === 'server');
  const status = (path, headers) =>
    new Promise((resolve, reject) => {
      const options = { headers: { host: '10.1.2.3:8782', ...headers } };
      get(server.url + path, options, (response) => {
        response.resume();
        resolve(response.statusCode);
      }).on('error', reject);
    });
  for (const { httpGet } of [container.livenessProbe, container.readinessProbe]) {
    assert.equal(await status(httpGet.path), 200, httpGet.path);
    assert.ok(container.ports.some(({ name }) => name === httpGet.port));
  }
  assert.equal(await status('/metrics'), 401);
  assert.equal(await status('/metrics', { authorization: 'Bearer metrics' }), 200);
  assert.equal(await status('/api/records', READING.headers), 200);
});

test('Prometheus finds the metrics of every container by the names of their ports', () => {
  const [config] = readYaml('monitoring/prometheus-kubernetes.yaml');
  const [compose] = readYaml('monitoring/prometheus.yaml');
  const jobs = ({ scrape_configs: list }) => list.map(({ job_name: name }) => name);
  assert.deepEqual(jobs(config), jobs(compose));
  const ports = PODS.flatMap((pod) =>
    containersOf(pod).flatMap(({ ports: list }) =>
      list.map(({ name }) => `${pod.metadata.labels.app};${name}`),
    ),
  );
  const expected = { trubrics: 1, 'trubrics-collector': 2 };
  for (const {
    job_name: job,
    kubernetes_sd_configs: [{ namespaces }],
    relabel_configs: rules,
  } of config.scrape_configs) {
    assert.deepEqual(namespaces.names, [kustomization.namespace]);
    const { regex, source_labels: labels } = rules.find(({ action }) => action === 'keep');
    const pattern = new RegExp(`^(?:${labels.length === 1 ? '[^;]*;' : ''}${regex})$`);
    assert.equal(ports.filter((port) => pattern.test(port)).length, expected[job], job);
  }
});

const kubectl = process.env.TRUBRICS_KUBECTL ?? 'kubectl';
const hasKubectl = spawnSync(kubectl, ['kustomize', '--help']).status === 0;

test(
  'kustomize builds what the API of Kubernetes accepts: in one namespace, with the configurations and the image by their final names',
  { skip: !hasKubectl && 'there is no kubectl' },
  async () => {
    const { status, stdout, stderr } = spawnSync(kubectl, ['kustomize', FLEET], { encoding: 'utf8' });
    assert.equal(status, 0, stderr);
    const built = parseAllDocuments(stdout).map((document) => document.toJS());
    assert.equal(built.length, MANIFESTS.length + kustomization.configMapGenerator.length);
    for (const manifest of built) {
      assert.deepEqual(await problemsOf(manifest), [], `${manifest.kind} ${manifest.metadata.name}`);
      if (manifest.kind !== 'Namespace') assert.equal(manifest.metadata.namespace, kustomization.namespace);
    }
    const configurations = built
      .filter(({ kind }) => kind === 'ConfigMap')
      .map(({ metadata }) => metadata.name);
    const pods = built.filter(({ kind }) => kind === 'StatefulSet').map(({ spec }) => spec.template.spec);
    for (const { volumes, containers } of pods) {
      for (const { configMap } of volumes) assert.ok(configurations.includes(configMap.name));
      for (const { image } of containers) assert.match(image, /^[\w./-]+\/[\w.-]+:\d/);
    }
  },
);
