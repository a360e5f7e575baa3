import type { DocumentStore } from '../engines/document-store.js';
import type { RecordLines, RecordStore } from '../engines/record-store.js';
import { DATASET_KIND, toDataset } from './dataset.js';
import type { Dataset, DatasetPage, DatasetSummary, Shape } from './dataset-page.js';
import { toExample } from './example-shapes.js';

/** Items of which the records are read at once. */
const BATCH = 100;

/** Returns all data sets, by name; with `recordId`, those that have that record. */
export async function listDatasets(
  documents: DocumentStore,
  recordId?: string,
): Promise<readonly DatasetSummary[]> {
  const all = (await documents.list(DATASET_KIND)).map(toDataset);
  const isListed = ({ items }: Dataset): boolean =>
    recordId === undefined || items.some((item) => item.recordId === recordId);
  return all.filter(isListed).map(toSummary);
}

/** Returns some items of a data set, with their records. Undefined if there is none of this name. */
export async function readDataset(
  store: RecordStore,
  name: string,
  offset: number,
  limit: number,
): Promise<DatasetPage | undefined> {
  const stored = await store.documents.get(DATASET_KIND, name);
  if (!stored) return undefined;
  const dataset = toDataset(stored);
  const items = dataset.items.slice(offset, offset + limit);
  const records = await store.get(items.map(({ recordId }) => recordId));
  return {
    ...toSummary(dataset),
    page: items.map((item) => ({ ...item, record: records.get(item.recordId) ?? null })),
  };
}

/** Yields the examples of a data set as JSON lines, a batch at a time. Items without a record, or without an example, are left out. */
export async function* exportDataset(
  store: RecordStore,
  { name, items }: Dataset,
  shape: Shape,
): AsyncGenerator<RecordLines, void> {
  const encoder = new TextEncoder();
  for (let start = 0; start < items.length; start += BATCH) {
    const batch = items.slice(start, start + BATCH);
    const records = await store.get(batch.map(({ recordId }) => recordId));
    const lines = batch.flatMap((item) => {
      const record = records.get(item.recordId);
      const example = record && toExample(shape, name, item, record);
      return example ? [`${JSON.stringify(example)}\n`] : [];
    });
    if (lines.length > 0) yield { length: lines.length, bytes: encoder.encode(lines.join('')) };
  }
}

function toSummary({ items, ...dataset }: Dataset): DatasetSummary {
  return {
    ...dataset,
    items: items.length,
    corrected: items.filter(({ correctedAnswer }) => correctedAnswer !== undefined).length,
  };
}
