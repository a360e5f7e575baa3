import { safely } from '../../common/safely.js';
import { withOrganizationProperty } from '../audience/organization-property.js';
import { DocumentEditor } from '../documents/document-editor.js';
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
  const { organizationProperty, retentionDays, textRetentionDays } = options;
  const store = withOrganizationProperty(options.store, organizationProperty);
  const rejections = new Rejections();
  const live = new LiveUpdates(store, options.maxStreams);
  const forwarding = options.forwardTo && new Forwarding(options.forwardTo);
  const pricing = options.pricing ?? new Pricing();
  const health = new StoreHealth((outage) => safely(options.onStoreOutage, outage));
  const ages = new AgeLimits({
    store,
    days: retentionDays,
    textDays: textRetentionDays,
    engineDeletesByAge: options.engineDeletesByAge,
    organizationProperty,
    onLook: (until) => {
      rejections.clear(until);
      traces.forgetUpTo(Date.parse(until));
      forgetAnswers();
    },
  });
  const admit: AgeLimits['admit'] | undefined =
    textRetentionDays === undefined ? undefined : (records) => ages.admit(records);
  const intake = new Intake({ store, health, forwarding, pricing, admit, onRecords: options.onRecords });
  const traces = new TraceBuffer();
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
  const audit = new AuditLog(store.documents, options.onAudit);
  const editor = new DocumentEditor(store.documents, audit, {
    checks: VALUE_CHECKS,
    onChange: (document) => live.publishDocument(document),
  });
  const answers = {
    topics: new PendingAnswers<TopicResponse>(),
    summary: new PendingAnswers<PartialSummary>(),
  };
  const alerts = new AlertWatch({
    store,
    project: options.name,
    targets: options.outgoing?.webhooks,
    secret: options.outgoing?.webhookSecret,
  });
  const forgetAnswers = (): void => {
    alerts.forgetReadings();
    for (const pending of Object.values(answers)) pending.clear();
  };
  const eraser = new Eraser({
    store,
    audit,
    forwarding,
    organizationProperty,
    onErased: forgetAnswers,
  });
  const service = options.outgoing?.labels;
  const labelling = service && new Labelling({ store, service, save: (labels) => intake.label(labels) });
  const status = (): IntakeStatus => ({
    outage: health.outage ?? null,
    bytesInFlight: options.budget.used,
    logs: traces.logCounts(),
    skipped: { no_call: traces.noCalls },
  });
  const reject = (refused: Omit<Rejection, 'id'>): void => {
    if (refused.userAgent === DOCTOR_AGENT) return;
    const rejection = rejections.add(refused);
    live.publishRejection(rejection);
    safely(options.onRejection, rejection);
  };
  return {
    store,
    rejections,
    live,
    forwarding,
    pricing,
    ages,
    intake,
    traces,
    late,
    recorder,
    content,
    audit,
    editor,
    alerts,
    answers,
    eraser,
    labelling,
    status,
    reject,
  };
}
