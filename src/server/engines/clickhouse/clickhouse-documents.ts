import { randomUUID } from 'node:crypto';
import type { PropertyValue } from '../../../records/model/prompt-record.js';
import {
  NOT_STORED,
  VersionConflictError,
  type DocumentStore,
  type NewDocument,
  type StoredDocument,
} from '../document-store.js';
import type { ClickHouseClient } from './client/clickhouse-client.js';

interface DocumentRow {
  readonly kind: string;
  readonly name: string;
  readonly version: string;
  readonly writer: string;
  readonly deleted: number;
  readonly updated: string;
  readonly value: string;
}

type DocumentKey = Pick<NewDocument, 'kind' | 'name'>;

const COLUMNS =
  'kind, name, toString(version) AS version, writer, deleted, toUnixTimestamp64Milli(documents.updated) AS updated, value';

/**
 * Documents as rows of a table. ClickHouse has no transactions: of two servers that write the same version of a document within milliseconds, the one
 * whose row wins is told so, and the other gets the conflict. Within a server, writes follow one another.
 */
export class ClickHouseDocuments implements DocumentStore {
  readonly #client: ClickHouseClient;
  readonly #project: string;
  #last: Promise<unknown> = Promise.resolve();

  constructor(client: ClickHouseClient, project: string) {
    this.#client = client;
    this.#project = project;
  }

  put(document: NewDocument, expected?: number): Promise<StoredDocument> {
    return this.#inTurn(async () => {
      await this.#write(document, { value: JSON.stringify(document.value), deleted: 0 }, expected);
      const stored = await this.get(document.kind, document.name);
      if (!stored) throw new VersionConflictError(document, NOT_STORED);
      return stored;
    });
  }

  async get(kind: string, name: string): Promise<StoredDocument | undefined> {
    const row = await this.#read({ kind, name });
    return row && row.deleted === 0 ? toDocument(row) : undefined;
  }

  async list(kind: string): Promise<readonly StoredDocument[]> {
    const rows = await this.#client.query<DocumentRow>(
      `SELECT ${COLUMNS} FROM documents FINAL WHERE project = {project:String} AND kind = {kind:String} AND deleted = 0`,
      { parameters: { project: this.#project, kind } },
    );
    // By UTF-16 code units, as JavaScript compares. ClickHouse compares bytes.
    return rows.map(toDocument).sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  }

  async count(kind: string): Promise<number> {
    const [row] = await this.#client.query<{ readonly count: string }>(
      'SELECT toString(count()) AS count FROM documents FINAL WHERE project = {project:String} AND kind = {kind:String} AND deleted = 0',
      { parameters: { project: this.#project, kind } },
    );
    return Number(row?.count ?? 0);
  }

  delete(kind: string, name: string, expected?: number): Promise<boolean> {
    return this.#inTurn(async () => {
      const row = await this.#read({ kind, name });
      const exists = row?.deleted === 0;
      if (!exists && (expected === undefined || expected === NOT_STORED)) return false;
      await this.#write({ kind, name }, { value: '', deleted: 1 }, expected);
      return exists;
    });
  }

  /** Deleted rows stay, so that a later version is larger than all earlier ones. @throws VersionConflictError */
  async #write(
    { kind, name }: DocumentKey,
    fields: { readonly value: string; readonly deleted: 0 | 1 },
    expected: number | undefined,
  ): Promise<void> {
    const row = await this.#read({ kind, name });
    const stored = row && row.deleted === 0 ? Number(row.version) : NOT_STORED;
    if (expected !== undefined && expected !== stored) throw new VersionConflictError({ kind, name }, stored);
    const version = Math.max(Number(row?.version ?? 0) + 1, Date.now());
    const writer = randomUUID();
    await this.#client.insert('documents', [
      { project: this.#project, kind, name, version, writer, ...fields },
    ]);
    const winner = await this.#read({ kind, name });
    if (expected !== undefined && winner?.writer !== writer)
      throw new VersionConflictError({ kind, name }, Number(winner?.version ?? NOT_STORED));
  }

  async #read({ kind, name }: DocumentKey): Promise<DocumentRow | undefined> {
    const [row] = await this.#client.query<DocumentRow>(
      `SELECT ${COLUMNS} FROM documents FINAL WHERE project = {project:String} AND kind = {kind:String} AND name = {name:String}`,
      { parameters: { project: this.#project, kind, name } },
    );
    return row;
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(work);
    this.#last = result.catch(() => {});
    return result;
  }
}

function toDocument({ kind, name, version, updated, value }: DocumentRow): StoredDocument {
  return {
    kind,
    name,
    value: JSON.parse(value) as PropertyValue,
    version: Number(version),
    updatedAt: new Date(Number(updated)).toISOString(),
  };
}
