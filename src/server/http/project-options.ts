import type { Context } from 'hono';
import type { RecordStore } from '../engines/record-store.js';
import type { ByteBudget } from '../ingest/body/byte-budget.js';
import type { ForwardTarget } from '../ingest/forwarding.js';
import type { Pricing } from '../insights/prices/pricing.js';
import type { StoreOutage } from '../model/intake/intake-status.js';
import type { Rejection } from '../model/intake/rejections.js';
import type { Requester } from '../model/privacy/audit.js';
import type { StoredRecord } from '../model/stored-record.js';
import type { AuditListener } from '../privacy/audit-log.js';
import type { Outgoing } from './outgoing/outgoing.js';

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
  /** True for an engine that deletes records by age itself: words that only they had are forgotten then. */
  readonly engineDeletesByAge?: boolean | undefined;
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
