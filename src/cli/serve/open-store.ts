import { dirname, join, parse } from 'node:path';
import { asText, codeOf } from '../../common/unknown-values.js';
import {
  FileLockedError,
  MemoryStore,
  openClickHouseStore,
  openFileStore,
  type RecordStore,
} from '../../server/index.js';
import { ClickHouseError } from '../../server/engines/clickhouse/client/clickhouse-client.js';
import { UnsupportedClickHouseError } from '../../server/engines/clickhouse/schema/migrate.js';
import { OPEN_PROJECT } from '../../server/team/team-server-options.js';
import { CommandError, fileError } from '../command-error.js';
import { firstSentence } from '../first-sentence.js';
import { STORE_PASSWORD, type StoreChoice } from './parse-store.js';
import type { ServeOptions } from './serve-options.js';

/** Returns the function that opens the store of a project. */
export function storeOpener(
  store: StoreChoice,
  { maxRecords, retentionDays }: Partial<Pick<ServeOptions, 'maxRecords' | 'retentionDays'>>,
): ((project: string) => Promise<RecordStore>) | 'gateway' {
  const limits = maxRecords === undefined ? {} : { maxRecords };
  switch (store.kind) {
    case 'clickhouse':
      return (project) =>
        openClickHouseStore({
          url: store.url,
          project,
          ...(retentionDays !== undefined && { retentionDays }),
        });
    case 'file':
      return (project) => openFileStore({ ...limits, file: fileOf(store.path, project) });
    case 'memory':
      return () => Promise.resolve(new MemoryStore(limits));
    case 'none':
      return 'gateway';
    default:
      return store satisfies never;
  }
}

/** Returns the file of a project: `records.jsonl` for the project `default`, `records-shop.jsonl` for `shop`. */
export function fileOf(path: string, project: string): string {
  if (project === OPEN_PROJECT) return path;
  const { name, ext } = parse(path);
  return join(dirname(path), `${name}-${project}${ext}`);
}

/** Returns true for a ClickHouse that cannot be reached, or that a proxy answers for: it may be starting. */
export function isTransient(error: unknown): boolean {
  return error instanceof ClickHouseError && error.code === undefined;
}

const CLICKHOUSE_PROBLEMS: Readonly<Record<number, (store: string) => string>> = {
  81: (store) => `The database of ${store} does not exist: create it with CREATE DATABASE, or name another`,
  192: (store) => `ClickHouse does not know the user of ${store}`,
  193: (store) => `ClickHouse refuses the password for ${store}: set ${STORE_PASSWORD}`,
  194: (store) => `ClickHouse wants a password for ${store}: set ${STORE_PASSWORD}`,
  497: (store) => `The user of ${store} lacks a grant. docs/clickhouse.md lists them`,
  516: (store) => `ClickHouse refuses the user or the password for ${store}: set ${STORE_PASSWORD}`,
};

/** Returns the line about a store that cannot be opened; undefined if the error is a bug. */
export function storeProblem(error: unknown, store: StoreChoice): CommandError | undefined {
  if (error instanceof UnsupportedClickHouseError || error instanceof FileLockedError)
    return new CommandError(error.message, 1);
  if (error instanceof ClickHouseError) {
    const known = error.code === undefined ? undefined : CLICKHOUSE_PROBLEMS[error.code];
    return new CommandError(known?.(store.shown) ?? `${store.shown}: ${firstSentence(error) ?? ''}`, 1);
  }
  const code = asText(codeOf(error));
  if (store.kind === 'file' && code !== undefined) return fileError(store.shown, code);
  return undefined;
}
