import type { ErasureCounts } from './erasure-report.js';

export type AuditedAction =
  'forget_person' | 'delete_record' | 'delete_all' | 'export' | 'edit_document' | 'delete_document';

/** As much as is known of who sent a request. Behind a proxy, the address is the proxy's. */
export interface Requester {
  /** Authentication of the request: by a token, by a proxy that has checked who it is, or without a check. */
  readonly access: 'token' | 'proxy' | 'open';
  /** Name of the token, or of the user that the proxy has named. */
  readonly name?: string;
  readonly address?: string;
  /** Cut to 120 characters. */
  readonly userAgent?: string;
}

/** One deletion, export or change of a document, without content. */
export interface AuditEntry {
  /** ISO 8601 in UTC. */
  readonly at: string;
  readonly action: AuditedAction;
  readonly by: Requester;
  /** Keyed hash of the user id, for `forget_person` and the export of a person. */
  readonly person?: string;
  /** Keyed hash of the record's id, for `delete_record`. */
  readonly record?: string;
  /** Kind of the document, for `edit_document` and `delete_document`, and for the `export` of a data set. */
  readonly kind?: string;
  /** Name of the document. A keyed hash where the name is the id of a record or person. */
  readonly document?: string;
  /** Version of the document that was written or deleted. */
  readonly version?: number;
  /** `begun`: the server ended before the outcome was written. */
  readonly outcome: 'begun' | 'done' | 'failed';
  readonly deleted?: ErasureCounts;
  /** Records that an export has sent. */
  readonly exported?: number;
  readonly forwarded?: readonly { readonly to: string; readonly records: number }[];
}

/** Response of `GET /api/audit`. */
export interface AuditList {
  /** Latest first. */
  readonly entries: readonly AuditEntry[];
  /** Number of entries, beyond `limit` as well. */
  readonly total: number;
}
