import type { RecordStore } from '../engines/record-store.js';
import type { Pricing } from '../insights/prices/pricing.js';
import type { Outgoing } from '../http/outgoing/outgoing.js';
import type { ForwardTarget } from '../ingest/forwarding.js';
import type { CredentialRegister } from '../security/credentials/credential-register.js';
import type { Quotas } from '../security/quotas.js';
import type { UserHeader } from './reading-access.js';

export type LogLevel = 'info' | 'warn' | 'error';

/** Writes one event as one line. Fields never hold contents or keys. */
export type TeamLog = (level: LogLevel, event: string, fields?: Readonly<Record<string, unknown>>) => void;

/** Options of a server for teams. `src/cli/serve/` reads them from the command line and the environment. */
export interface TeamServerOptions {
  readonly port: number;
  readonly host: string;
  readonly version: string;
  /** Opens the store of a project; `gateway`: nothing is kept, everything is forwarded. */
  readonly openStore: ((project: string) => Promise<RecordStore>) | 'gateway';
  /** Returns true if an error of `openStore` can go away by itself. */
  readonly isTransient: (error: unknown) => boolean;
  readonly register: CredentialRegister;
  /** True if requests of applications need a key. Without it, any key writes into the project of the path, or `default`. */
  readonly needsKey: boolean;
  /** True if readers need a token or a proxy that names them. */
  readonly needsReader: boolean;
  readonly userHeader?: UserHeader | undefined;
  /** Records per minute of a key without a quota of its own. Default: no limit. */
  readonly quota?: number | undefined;
  /** Counts what keys have written. Default: by the clock of the process. */
  readonly quotas?: Quotas | undefined;
  /** Bytes of bodies that all requests in progress may hold. Above it, senders get 429. No less than one body may have. Default 64 MiB. */
  readonly maxBytesInFlight?: number | undefined;
  readonly forwardTo?: ((project: string) => ForwardTarget) | undefined;
  /** Address of a trace in another tool, see `model/trace-url.ts`. */
  readonly traceUrl?: string | undefined;
  /** Default: the prices of the package. */
  readonly pricing?: Pricing | undefined;
  /** Targets that requests may be sent to. Default: nowhere. */
  readonly outgoing?: Outgoing | undefined;
  /** Days after which records are deleted, for engines that do not do it themselves. */
  readonly retentionDays?: number | undefined;
  /** True for an engine that deletes records by age itself. */
  readonly engineDeletesByAge?: boolean | undefined;
  /** Days after which the texts of records are erased, and their numbers kept. */
  readonly textRetentionDays?: number | undefined;
  /** Property that names organizations, unless the setting of a store names another. Default `organization_id`. */
  readonly organizationProperty?: string | undefined;
  /** Names under which a proxy shows the server, if it does not pass `Host` on. */
  readonly allowedHosts: readonly string[];
  /** Path below which a proxy shows the server. */
  readonly basePath: string;
  readonly metricsToken?: string | undefined;
  readonly log: TeamLog;
}

/** The project of a server on which nobody needs a key. */
export const OPEN_PROJECT = 'default';
