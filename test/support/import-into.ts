import { onTestFinished } from 'vitest';
import { importFiles, type ImportOptions, type ImportResult } from '../../src/transfer/import-files.js';
import type { NewRecord, StoredRecord } from '../../src/server/model/stored-record.js';
import { knownFiles } from './transfer-files.js';

/** Imports contents into an ingestion API. */
export async function importInto(
  host: string,
  contents: Readonly<Record<string, string | Buffer>>,
  options: Partial<ImportOptions> = {},
): Promise<ImportResult> {
  const files = options.files ?? (await knownFiles(contents));
  const controller = new AbortController();
  onTestFinished(() => controller.abort());
  return importFiles({
    files,
    target: { host, apiKey: 'any' },
    checkpoint: undefined,
    giveUpMs: 30_000,
    signal: controller.signal,
    ...options,
  });
}

/** Records by id, without the number that a store gives them. */
export function byId(records: readonly (NewRecord | StoredRecord)[]): Readonly<Record<string, unknown>> {
  const withoutSeq = records.map(({ seq: _seq, ...record }: NewRecord & { readonly seq?: number }) => record);
  return Object.fromEntries(withoutSeq.map((record) => [record.id, record]));
}
