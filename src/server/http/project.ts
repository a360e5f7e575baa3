import { Hono, type Context } from 'hono';
import { withTimeout } from '../../common/with-timeout.js';
import { safely } from '../../common/safely.js';
import {
  checkOrganizationSetting,
  readOrganizationProperty,
  withOrganizationProperty,
} from '../audience/organization-property.js';
import { RepeatedWork } from '../background/repeated-work.js';
import { checkDataset, DATASET_KIND } from '../datasets/dataset.js';
import { DatasetEditor } from '../datasets/dataset-editor.js';
import { DocumentEditor } from '../documents/document-editor.js';
import type { RecordStore } from '../engines/record-store.js';
import type { ByteBudget } from '../ingest/body/byte-budget.js';
import { Forwarding, type ForwardTarget } from '../ingest/forwarding.js';
import { explainBuffered } from '../ingest/otlp/explain/explain-spans.js';
import { DOCTOR_AGENT } from '../ingest/ingest-request.js';
import { ingestionRoutes } from '../ingest/ingestion/ingestion-routes.js';
import { Intake } from '../ingest/intake.js';
import { parseRule } from '../insights/alerts/alert-rule.js';
import { AlertWatch } from '../insights/alerts/alert-watch.js';
import { Labelling } from '../insights/labels/labelling.js';
import { Pricing } from '../insights/prices/pricing.js';
import type { JoinMemory } from '../ingest/otlp/joining/span-buffer.js';
import { LateFacts } from '../ingest/otlp/late/late-facts.js';
import { TraceBuffer } from '../ingest/otlp/joining/trace-buffer.js';
import { otlpRoutes } from '../ingest/otlp/otlp-routes.js';
import { StoreHealth } from '../ingest/store-health.js';
import { LiveUpdates } from '../live/live-updates.js';
import type { Requester } from '../model/privacy/audit.js';
import type { IntakeStatus, StoreOutage } from '../model/intake/intake-status.js';
import { Rejections, type Rejection } from '../model/intake/rejections.js';
import type { StoredRecord } from '../model/stored-record.js';
import { AgeLimits } from '../privacy/age-limits.js';
import { AuditLog, type AuditListener } from '../privacy/audit-log.js';
import { ClearedRejections } from '../privacy/cleared-rejections.js';
import { Eraser } from '../privacy/eraser.js';
import { numbersAccess } from './access/numbers-access.js';
import { apiRoutes } from './api-routes.js';
import { datasetRoutes } from './documents/dataset-routes.js';
import { documentRoutes } from './documents/document-routes.js';
import { erasureRoutes } from './erasure-routes.js';
import { mcpRoutes } from './mcp/mcp-routes.js';
import type { Outgoing } from './outgoing/outgoing.js';
import { peopleRoutes } from './people-routes.js';
import { recomputeRoute } from './recompute-route.js';
import { INGESTION_PATH, OTLP_PATH } from './paths.js';

/** Time from the start of a server to its first work in the background. */
const FIRST_WORK_MS = 1000;
/** Time after a work in the background that failed, for instance because the store is gone. */
const AFTER_FAILED_WORK_MS = 30_000;

/** Time that a page waits for a setting of its store. */
const MAX_SETTING_MS = 1000;

export interface ProjectOptions {
  /** On a server for teams. */
  readonly name?: string | undefined;
  readonly store: RecordStore;
  /** Shared by all projects of a server. */
  readonly budget: ByteBudget;
  /** The only key that is accepted for ingestion. Default: none is checked here. */
  readonly apiKey?: string | undefined;
  readonly forwardTo?: ForwardTarget | undefined;
  /** Shared by all projects of a server. Default: the prices of the table. */
  readonly pricing?: Pricing | undefined;
  /** Targets that requests may be sent to. Shared by all projects of a server. Default: nowhere. */
  readonly outgoing?: Outgoing | undefined;
  /** Days after which records are deleted. Default: they are kept, or the engine deletes them. */
  readonly retentionDays?: number | undefined;
  /** Days after which the texts of records are erased. Default: they are kept. */
  readonly textRetentionDays?: number | undefined;
  /** Property that names organizations, unless the setting `organization-property` of the store names another. Default `organization_id`. */
  readonly organizationProperty?: string | undefined;
  /** Most open pages. Default 32. */
  readonly maxStreams?: number;
  /** Returns what is known of the sender of a request. */
  readonly requesterOf: (c: Context) => Requester;
  /** Returns false for readers who may see numbers alone. Default: everybody reads texts. */
  readonly mayReadTexts?: (c: Context) => boolean;
  readonly onRecords?: ((records: readonly StoredRecord[]) => void) | undefined;
  readonly onRejection?: ((rejection: Rejection) => void) | undefined;
  readonly onStoreOutage?: ((outage: StoreOutage | undefined) => void) | undefined;
  readonly onAudit?: AuditListener | undefined;
}

/** The records of one application or team, and everything that takes them in and shows them. One server can have several. */
export interface Project {
  readonly store: RecordStore;
  /** Returns the property that names organizations; if the store fails, the one of the options. */
  readonly organizationProperty: () => Promise<string | undefined>;
  readonly live: LiveUpdates;
  readonly forwarding: Forwarding | undefined;
  /** Routes of ingestion and of the JSON API, without any guard. */
  readonly routes: Hono;
  readonly status: () => IntakeStatus;
  readonly joinMemory: () => JoinMemory;
  /** Returns the number of records of other servers that late facts have completed or removed. */
  readonly completedByLateFacts: () => number;
  /** Notes a request that was refused. */
  readonly reject: (refused: Omit<Rejection, 'id'>) => void;
  /** Ends all live streams, forwards what is left (10 s at most), and closes the store. */
  close(): Promise<void>;
}

/** @throws TypeError if `forwardTo` is wrong */
export function createProject(options: ProjectOptions): Project {
  const { budget, apiKey, forwardTo, onRecords, onRejection, onStoreOutage, organizationProperty } = options;
  const store = withOrganizationProperty(options.store, organizationProperty);
  const rejections = new Rejections();
  const live = new LiveUpdates(store, options.maxStreams);
  const forwarding = forwardTo && new Forwarding(forwardTo);
  const pricing = options.pricing ?? new Pricing();
  const health = new StoreHealth((outage) => safely(onStoreOutage, outage));
  const ages = new AgeLimits({
    store,
    days: options.retentionDays,
    textDays: options.textRetentionDays,
    organizationProperty,
  });
  const admit: AgeLimits['admit'] | undefined =
    options.textRetentionDays === undefined ? undefined : (records) => ages.admit(records);
  const intake = new Intake({ store, health, forwarding, pricing, admit, onRecords });
  const traces = new TraceBuffer();
  const late = new LateFacts({ store, traces, revise: (ids, factsOf) => intake.revise(ids, factsOf) });
  const audit = new AuditLog(store.documents, options.onAudit);
  const status = (): IntakeStatus => ({
    outage: health.outage ?? null,
    bytesInFlight: budget.used,
    logs: traces.logCounts(),
    skipped: { no_call: traces.noCalls },
  });
  const reject = (refused: Omit<Rejection, 'id'>): void => {
    if (refused.userAgent === DOCTOR_AGENT) return;
    const rejection = rejections.add(refused);
    live.publishRejection(rejection);
    safely(onRejection, rejection);
  };
  const ingest = { apiKey, budget, onRejection: reject };
  const { requesterOf } = options;

  const routes = new Hono();
  routes.route(INGESTION_PATH, ingestionRoutes({ ...ingest, onRecords: (records) => intake.take(records) }));
  routes.route(
    OTLP_PATH,
    otlpRoutes({
      ...ingest,
      traces,
      late,
      onRecords: (records, superseded) => intake.takeTraced(records, superseded),
    }),
  );
  const cleared = new ClearedRejections(store.documents, rejections);
  const { mayReadTexts = () => true } = options;
  routes.use('/api/*', numbersAccess(mayReadTexts, store.documents, organizationProperty));
  const editor = new DocumentEditor(store.documents, audit, {
    checks: { rule: parseRule, setting: checkOrganizationSetting, [DATASET_KIND]: checkDataset },
    onChange: (document) => live.publishDocument(document),
  });
  const alerts = new AlertWatch({
    store,
    project: options.name,
    targets: options.outgoing?.webhooks,
    secret: options.outgoing?.webhookSecret,
  });
  const eraser = new Eraser({ store, audit, forwarding, onErased: () => alerts.forgetReadings() });
  const service = options.outgoing?.labels;
  const labelling = service && new Labelling({ store, service, save: (labels) => intake.label(labels) });
  const background = [alerts, ...(labelling ? [labelling] : [])].map((worker) => ({
    worker,
    repeated: new RepeatedWork(() => worker.run(), FIRST_WORK_MS, AFTER_FAILED_WORK_MS),
  }));
  routes.route('/api', recomputeRoute(store, intake));
  routes.route('/api', peopleRoutes(store));
  routes.route('/api/documents', documentRoutes({ editor, budget, requesterOf }));
  const datasets = new DatasetEditor(store, editor);
  routes.route('/api/datasets', datasetRoutes({ store, editor: datasets, audit, budget, requesterOf }));
  routes.route('/api', erasureRoutes({ live, rejections: cleared, eraser, audit, requesterOf }));
  routes.route(
    '/api',
    apiRoutes({
      store,
      live,
      rejections: { list: () => cleared.list(), total: () => rejections.total },
      forwarding,
      audit,
      requesterOf,
      intakeStatus: status,
      explain: () => traces.inspect(explainBuffered),
      pricing,
      alerts,
      labelling,
    }),
  );
  routes.route(
    '/',
    mcpRoutes({
      budget,
      mayReadTexts,
      fetchApi: (request, environment) => routes.fetch(request, environment as object),
    }),
  );
  ages.schedule();
  return {
    store: options.store,
    async organizationProperty() {
      let property = organizationProperty;
      // The page is shown whether or not the store answers.
      await withTimeout(async () => {
        property = await readOrganizationProperty(store.documents, organizationProperty);
      }, MAX_SETTING_MS);
      return property;
    },
    live,
    forwarding,
    routes,
    status,
    joinMemory: () => traces.usage(),
    completedByLateFacts: () => late.completed,
    reject,
    async close() {
      live.close();
      await ages.close();
      late.close();
      for (const { worker } of background) worker.stop();
      for (const { worker, repeated } of background) {
        await repeated.close();
        // Without it, another server waits for the end of the lease.
        await worker.close().catch(() => undefined);
      }
      await forwarding?.close();
      await store.close();
    },
  };
}
