import type { Server } from 'node:http';
import { addressOf, createHttpServer, listen } from '../http/node-server.js';
import { createProject, type Project } from '../http/project.js';
import { requesterOf } from '../http/requester.js';
import type { RecordStore } from '../engines/record-store.js';
import { ByteBudget } from '../ingest/body/byte-budget.js';
import { reasonOf } from '../ingest/store-health.js';
import { observedStore } from '../metrics/observed-store.js';
import { ServerMetrics } from '../metrics/server-metrics.js';
import { projectsOf } from '../security/credentials/credentials.js';
import { Quotas } from '../security/quotas.js';
import { auditFields } from './audit-fields.js';
import { composeTeam } from './compose-team.js';
import { drain, type DrainReport } from './drain.js';
import { GatewayStore } from './gateway-store.js';
import { Projects } from './projects.js';
import { ReadinessProbe } from './readiness.js';
import { RefusalLog } from './refusal-log.js';
import type { TeamEnvironment } from './team-environment.js';
import { OPEN_PROJECT, type TeamServerOptions } from './team-server-options.js';

/** Open pages of one project on one server. */
const MAX_STREAMS = 1000;
export interface TeamServer {
  readonly url: string;
  readonly port: number;
  /** Resolves when all configured projects are open. Rejects if one of them cannot be opened, with a StoppedError after `drain()`. */
  readonly ready: Promise<void>;
  /**
   * Stops: accepts no more connections, answers what is in flight, ends live streams, writes what was gathered, forwards what is left.
   */
  drain(deadlineMs: number): Promise<DrainReport>;
}

/** Starts a server for teams. It listens before its stores are open, so that probes get an answer. */
export async function startTeam(options: TeamServerOptions): Promise<TeamServer> {
  const { log, register } = options;
  const budget = new ByteBudget(options.maxBytesInFlight);
  const refusals = new RefusalLog(log);
  const metrics = new ServerMetrics({
    version: options.version,
    projects: () => projects.open,
    bytesInFlight: () => budget.used,
  });
  const projects = new Projects({
    openStore: (name) => openStore(options, name, projects),
    isTransient: options.isTransient,
    create: (name, store) => createTeamProject({ options, name, store, budget, metrics }),
    onWaiting: (project, error) => {
      readiness.waitFor(error);
      log('warn', 'store_not_ready', { project, reason: reasonOf(error), next: 'trying again every second' });
    },
  });
  const readiness = new ReadinessProbe(projects);
  const handle = composeTeam({
    options,
    projects,
    readiness,
    metrics,
    quotas: options.quotas ?? new Quotas(),
    onRefused: (refused) => {
      const { project = '', reason } = refused;
      metrics.refused.add({ project, reason });
      refusals.add(refused);
    },
  });
  const http = createHttpServer(handle, ({ status, detail }) => {
    metrics.refused.add({ project: '', reason: 'invalid' });
    refusals.add({ reason: 'invalid', status, problem: typeof detail === 'string' ? detail : '' });
  });
  const inFlight = countInFlight(http);
  await listen(http, options.port, options.host);
  const names = options.needsKey ? projectsOf(register.credentials) : [OPEN_PROJECT];
  const ready = projects.openAll(names).then(() => readiness.serve());
  ready.catch(() => undefined);
  return {
    ...addressOf(http, options.host),
    ready,
    drain: (deadlineMs) => drain({ http, projects, readiness, inFlight, deadlineMs }),
  };
}

interface ProjectParts {
  readonly options: TeamServerOptions;
  readonly name: string;
  readonly store: RecordStore;
  readonly budget: ByteBudget;
  readonly metrics: ServerMetrics;
}

function createTeamProject({ options, name, store, budget, metrics }: ProjectParts): Project {
  const { log } = options;
  return createProject({
    store: observedStore(store, {
      onWrite: (seconds) => metrics.writeSeconds.observe(seconds),
      onError: (operation) => metrics.storeErrors.add({ operation }),
    }),
    budget,
    name,
    pricing: options.pricing,
    // A gateway keeps nothing that could be measured or labelled.
    outgoing: options.openStore === 'gateway' ? undefined : options.outgoing,
    maxStreams: MAX_STREAMS,
    retentionDays: options.retentionDays,
    textRetentionDays: options.textRetentionDays,
    engineDeletesByAge: options.engineDeletesByAge,
    organizationProperty: options.organizationProperty,
    ...(options.forwardTo && { forwardTo: options.forwardTo(name) }),
    requesterOf: (c) => {
      const { reader } = c.env as TeamEnvironment;
      return requesterOf(c, reader?.access ?? 'open', reader?.name);
    },
    mayReadTexts: (c) => (c.env as TeamEnvironment).reader?.mayReadTexts ?? true,
    onRecords: (records) => {
      const prompts = records.filter(({ kind }) => kind === 'prompt').length;
      if (prompts > 0) metrics.records.add({ project: name, kind: 'prompt' }, prompts);
      if (prompts < records.length)
        metrics.records.add({ project: name, kind: 'event' }, records.length - prompts);
    },
    onStoreOutage: (outage) =>
      outage
        ? log('error', 'store_outage', { project: name, ...outage })
        : log('info', 'store_recovered', { project: name }),
    onAudit: (entry) => log('info', 'audit', { project: name, ...auditFields(entry) }),
  });
}

function openStore(options: TeamServerOptions, name: string, projects: Projects): Promise<RecordStore> {
  if (options.openStore !== 'gateway') return options.openStore(name);
  return Promise.resolve(
    new GatewayStore((records) => projects.open.get(name)?.forwarding?.hasRoomFor(records) ?? true),
  );
}

/** Counts requests that are not answered to their end. */
function countInFlight(http: Server): () => number {
  let count = 0;
  http.on('request', (_request, response) => {
    count += 1;
    response.once('close', () => (count -= 1));
  });
  return () => count;
}
