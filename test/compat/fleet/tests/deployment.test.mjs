import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
  assert.ok(YAML.length >= 13);
  for (const file of YAML)
    for (const document of readYaml(file)) assert.equal(typeof document, 'object', file);
  for (const file of filesEndingIn('.json')) JSON.parse(read(file));
});

const [compose] = readYaml('compose.yaml');

test('compose pins every image, mounts only files that exist, and waits for what it needs', () => {
  for (const [name, service] of Object.entries(compose.services)) {
    if (service.image) assert.match(service.image, /:v?\d/, name);
    else assert.equal(service.build.context, '.', name);
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

test('every variable of a server is one that serve knows', () => {
  const help = spawnSync(process.execPath, [CLI, 'serve', '--help'], { encoding: 'utf8' }).stdout;
  const manifests = readYaml('k8s/servers.yaml').filter(({ kind }) => kind === 'StatefulSet');
  const servers = manifests.flatMap(({ spec }) =>
    spec.template.spec.containers.filter(({ name }) => name === 'server'),
  );
  assert.equal(servers.length, 1);
  const names = new Set([
    ...Object.keys(compose.services['server-a'].environment),
    ...servers.flatMap(({ env }) => env.map(({ name }) => name)),
    ...read('Dockerfile').match(/TRUBRICS_\w+/g),
  ]);
  assert.ok(names.size >= 7);
  for (const name of names) assert.match(help, new RegExp(`\\b${name}\\b`));
});

/** Ports on which the services of compose listen, by service. */
function listeningPorts() {
  const [, serverPort] = /^EXPOSE (\d+)$/m.exec(read('Dockerfile'));
  const [, nginxPort] = /^\s*listen (\d+);$/m.exec(read('nginx.conf'));
  const [, clickhousePort] = /:(\d+)\/ping/.exec(compose.services.clickhouse.healthcheck.test.join(' '));
  const ofCollector = ({ command }) => {
    const [, file] = /--config=\/etc\/otelcol\/(.*)$/.exec(command.join(' '));
    const text = read(`collector/${file}`);
    return [...text.matchAll(/endpoint: 0\.0\.0\.0:(\d+)|^\s*port: (\d+)$/gm)].map(([, a, b]) => a ?? b);
  };
  return Object.fromEntries(
    Object.entries(compose.services).map(([name, service]) => [
      name,
      name.startsWith('server-')
        ? [serverPort]
        : name.startsWith('collector')
          ? ofCollector(service)
          : { nginx: [nginxPort], clickhouse: [clickhousePort], prometheus: ['9090'] }[name],
    ]),
  );
}

test('every address that the files of compose name is that of a service, and of a port that it listens on', () => {
  const listening = listeningPorts();
  const named = ['compose.yaml', 'nginx.conf', 'monitoring/prometheus.yaml'].flatMap((file) => [
    ...read(file)
      .replaceAll(/#.*$/gm, '')
      .matchAll(/(?:[\s[/@]|^)([a-z][a-z-]*):(\d{4,5})\b/g),
  ]);
  assert.ok(named.length >= 10);
  for (const [, host, port] of named) assert.ok(listening[host]?.includes(port), `${host}:${port}`);
  for (const [name, { ports = [] }] of Object.entries(compose.services))
    for (const published of ports)
      assert.ok(listening[name].includes(published.split(':').at(-1)), `${name} ${published}`);
  const [, collectors] = /port: '(\d+)'/.exec(read('collector/front.yaml'));
  assert.ok(listening['collector-a'].includes(collectors));
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

test('the first record of the README comes to a server, and the copies that it describes are those of another one', async (t) => {
  const [first, second] = [await startServer(t), await startServer(t)];
  const run = (args, input = '') =>
    spawnSync(process.execPath, [CLI, ...args], {
      cwd: APP,
      env: { ...process.env, TRUBRICS_API_KEY: 'writing', TRUBRICS_TOKEN: 'reading' },
      encoding: 'utf8',
      input,
    });
  const text = read('README.md');
  const commandOf = (name) =>
    new RegExp(`npx opentelemetry-exporter-trubrics (${name} .*)$`, 'm').exec(text)[1].split(' ');
  const at = (url, args) => args.map((arg) => (arg === 'http://127.0.0.1:8080' ? url : arg));
  const [, record] = /^echo '(.*)' \|$/m.exec(text);
  const sent = run(at(first.url, commandOf('import -')), record);
  assert.equal(sent.status, 0, sent.stderr);
  const folder = mkdtempSync(join(tmpdir(), 'trubrics-copy-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const inFolder = (args) => args.map((arg) => (arg === 'all.jsonl' ? join(folder, arg) : arg));
  for (const [server, name] of [
    [first, 'export'],
    [second, 'import all.jsonl'],
  ]) {
    const { status, stderr } = run(inFolder(at(server.url, commandOf(name))));
    assert.equal(status, 0, stderr);
  }
  const { records } = await (await fetch(`${second.url}/api/records`, READING)).json();
  assert.deepEqual(
    records.map(({ userId, event }) => [userId, event]),
    [['ada', 'First event']],
  );
});
