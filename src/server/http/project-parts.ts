import { safely } from '../../common/safely.js';
import { withOrganizationProperty } from '../audience/organization-property.js';
import { DocumentEditor } from '../documents/document-editor.js';
import type { RecordStore } from '../engines/record-store.js';
import { Forwarding } from '../ingest/forwarding.js';
import { DOCTOR_AGENT } from '../ingest/ingest-request.js';
import { Intake } from '../ingest/intake.js';
import { LateContent } from '../ingest/otlp/late/late-content.js';
import { LateFacts } from '../ingest/otlp/late/late-facts.js';
import { TraceBuffer } from '../ingest/otlp/joining/trace-buffer.js';
import { FoundRecorder } from '../ingest/otlp/record-found.js';
import { StoreHealth } from '../ingest/store-health.js';
import { AlertWatch } from '../insights/alerts/alert-watch.js';
import { Labelling } from '../insights/labels/labelling.js';
import { Pricing } from '../insights/prices/pricing.js';
import type { PartialSummary } from '../insights/summary/summary.js';
import type { TopicResponse } from '../insights/topics/topic-summary.js';
import { LiveUpdates } from '../live/live-updates.js';
import type { IntakeStatus } from '../model/intake/intake-status.js';
import { Rejections, type Rejection } from '../model/intake/rejections.js';
import { AgeLimits } from '../privacy/age-limits.js';
import { AuditLog } from '../privacy/audit-log.js';
import { Eraser } from '../privacy/eraser.js';
import { VALUE_CHECKS } from './documents/value-checks.js';
import { PendingAnswers } from './measure/pending-answers.js';
import type { ProjectOptions } from './project-options.js';

/** Parts of a project that keep something, or work in the background. */
export type ProjectParts = ReturnType<typeof createProjectParts>;

/** @throws TypeError if `forwardTo` is wrong */
export function createProjectParts(options: ProjectOptions) {
  const store = withOrganizationProperty(options.store, options.organizationProperty);
  const live = new LiveUpdates(store, options.maxStreams);
  const rejections = new Rejections();
  const traces = new TraceBuffer();
  const insights = createInsights(store, options);
  const ages = createAges(store, options, (until) => {
    rejections.clear(until);
    traces.forgetUpTo(Date.parse(until));
    insights.forgetAnswers();
  });
  const receiving = createReceiving(store, options, ages);
  const { intake, forwarding, health } = receiving;
  return {
    store,
    live,
    rejections,
    traces,
    ages,
    ...receiving,
    ...createJoining(store, options, traces, intake),
    ...createEditing(store, options, live, forwarding, insights.forgetAnswers),
    alerts: insights.alerts,
    answers: insights.answers,
    labelling: createLabelling(store, options, intake),
    status: (): IntakeStatus => ({
      outage: health.outage ?? null,
      bytesInFlight: options.budget.used,
      logs: traces.logCounts(),
      skipped: { no_call: traces.noCalls },
    }),
    reject: (refused: Omit<Rejection, 'id'>): void => {
      if (refused.userAgent === DOCTOR_AGENT) return;
      const rejection = rejections.add(refused);
      live.publishRejection(rejection);
      safely(options.onRejection, rejection);
    },
  };
}

/** Creates what answers with numbers beyond one query. */
function createInsights(store: RecordStore, { name, outgoing }: ProjectOptions) {
  const alerts = new AlertWatch({
    store,
    project: name,
    targets: outgoing?.webhooks,
    secret: outgoing?.webhookSecret,
  });
  const answers = {
    topics: new PendingAnswers<TopicResponse>(),
    summary: new PendingAnswers<PartialSummary>(),
  };
  const forgetAnswers = (): void => {
    alerts.forgetReadings();
    for (const pending of Object.values(answers)) pending.clear();
  };
  return { alerts, answers, forgetAnswers };
}

/** Creates what deletes by age. `onLook` forgets what else knows texts. */
function createAges(store: RecordStore, options: ProjectOptions, onLook: (until: string) => void): AgeLimits {
  const { retentionDays, textRetentionDays, engineDeletesByAge, organizationProperty } = options;
  return new AgeLimits({
    store,
    days: retentionDays,
    textDays: textRetentionDays,
    engineDeletesByAge,
    organizationProperty,
    onLook,
  });
}

/** Creates what stores and forwards records. */
function createReceiving(store: RecordStore, options: ProjectOptions, ages: AgeLimits) {
  const { forwardTo, textRetentionDays, onRecords } = options;
  const forwarding = forwardTo && new Forwarding(forwardTo);
  const pricing = options.pricing ?? new Pricing();
  const health = new StoreHealth((outage) => safely(options.onStoreOutage, outage));
  const admit: AgeLimits['admit'] | undefined =
    textRetentionDays === undefined ? undefined : (records) => ages.admit(records);
  const intake = new Intake({ store, health, forwarding, pricing, admit, onRecords });
  return { forwarding, pricing, health, intake };
}

/** Creates what makes records out of spans and log records. */
function createJoining(store: RecordStore, options: ProjectOptions, traces: TraceBuffer, intake: Intake) {
  const late = new LateFacts({
    store,
    traces,
    revise: (ids, factsOf) => intake.revise(ids, factsOf),
    onOptedOut: (ids) => content.withdraw(ids),
  });
  const recorder = new FoundRecorder({
    traces,
    late,
    onRecords: (records, superseded) => intake.takeTraced(records, superseded),
  });
  const content: LateContent = new LateContent({ pending: options.store.pending, traces, recorder });
  return { late, recorder, content };
}

/** Creates what changes and deletes because somebody asked for it, with the log of that. */
function createEditing(
  store: RecordStore,
  { organizationProperty, onAudit }: ProjectOptions,
  live: LiveUpdates,
  forwarding: Forwarding | undefined,
  onErased: () => void,
) {
  const audit = new AuditLog(store.documents, onAudit);
  const editor = new DocumentEditor(store.documents, audit, {
    checks: VALUE_CHECKS,
    onChange: (document) => live.publishDocument(document),
  });
  const eraser = new Eraser({ store, audit, forwarding, organizationProperty, onErased });
  return { audit, editor, eraser };
}

function createLabelling(store: RecordStore, options: ProjectOptions, intake: Intake): Labelling | undefined {
  const service = options.outgoing?.labels;
  return service && new Labelling({ store, service, save: (labels) => intake.label(labels) });
}
