import { parquetMetadata, parquetReadObjects, parquetSchema } from 'hyparquet';
import { expect, test } from 'vitest';
import { ParquetFile } from '../../../src/transfer/parquet/parquet-file.js';
import { jsonLines } from '../../support/transfer-files.js';
import { variedRecords } from '../../support/varied-records.js';

type Row = Readonly<Record<string, unknown>>;

async function fileOf(lines: readonly string[], options: { hasChanges?: boolean; groupRows?: number } = {}) {
  const parts: Uint8Array[] = [];
  const parquet = await ParquetFile.create({
    hasChanges: false,
    ...options,
    write: (bytes) => Promise.resolve(void parts.push(bytes)),
  });
  for (const line of lines) await parquet.add(line);
  await parquet.end();
  const bytes = Buffer.concat(parts);
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
  return {
    file,
    parts,
    rows: (await parquetReadObjects({ file })) as readonly Row[],
    metadata: parquetMetadata(file),
  };
}

/** Returns the JSON line that a row was made of. */
function lineOf(row: Row): unknown {
  const names = {
    id: 'id',
    kind: 'kind',
    user_id: 'userId',
    thread_id: 'threadId',
    event: 'event',
    prompt: 'prompt',
    generation: 'generation',
    assistant_id: 'assistantId',
    prompt_event_name: 'promptEventName',
    generation_event_name: 'generationEventName',
    origin: 'origin',
    latency: 'latency',
  };
  const parsed = { tags: 'tags', forwarded_to: 'forwardedTo', properties: 'properties' };
  const found = (table: Readonly<Record<string, string>>, read: (value: unknown) => unknown) =>
    Object.entries(table).flatMap(([column, field]) => {
      const value = row[column];
      return value === null || value === undefined ? [] : [[field, read(value)]];
    });
  return Object.fromEntries([
    ...found(names, (value) => value),
    ...found(parsed, (value) => JSON.parse(String(value)) as unknown),
    ...found({ timestamp: 'timestamp', received_at: 'receivedAt' }, (value) => (value as Date).toISOString()),
    ...found({ seq: 'seq' }, Number),
  ]) as unknown;
}

test('a Parquet file holds what the JSON lines hold, in their order, over any number of row groups', async () => {
  const records = variedRecords(250).map((record, seq) => ({ ...record, seq: 1_700_000_000_000_000 + seq }));
  const { rows, metadata, parts } = await fileOf(
    [jsonLines(...records.slice(0, 99)), jsonLines(...records.slice(99))],
    { groupRows: 100 },
  );
  expect(rows.map(lineOf)).toEqual(records);
  expect(metadata.row_groups.map(({ num_rows: count }) => Number(count))).toEqual([100, 100, 50]);
  // Each group is written when it is complete; then the footer.
  expect(parts).toHaveLength(4);
  expect(rows[7]).toMatchObject({ input_tokens: 7, output_tokens: null, cost: null });
});

test('columns have the same types in every file, also without any row or value', async () => {
  const typesOf = ({ metadata }: Awaited<ReturnType<typeof fileOf>>) =>
    parquetSchema(metadata).children.map(({ element }) => [
      element.name,
      element.type,
      element.logical_type ?? element.converted_type,
      element.repetition_type,
    ]);
  const empty = await fileOf([]);
  expect(empty.rows).toEqual([]);
  const full = await fileOf([jsonLines(...variedRecords(20))]);
  expect(typesOf(empty)).toEqual(typesOf(full));
  const [number, text] = [
    ['DOUBLE', undefined],
    ['BYTE_ARRAY', 'UTF8'],
  ];
  const time = ['INT64', 'TIMESTAMP_MILLIS'];
  expect(Object.fromEntries(typesOf(empty).map(([name, ...type]) => [name, type.slice(0, 2)]))).toEqual({
    seq: ['INT64', undefined],
    id: text,
    kind: text,
    timestamp: time,
    received_at: time,
    user_id: text,
    thread_id: text,
    event: text,
    prompt: text,
    generation: text,
    assistant_id: text,
    prompt_event_name: text,
    generation_event_name: text,
    origin: text,
    latency: number,
    input_tokens: number,
    output_tokens: number,
    total_tokens: number,
    cost: number,
    tags: text,
    forwarded_to: text,
    properties: text,
  });
  expect(new Set(typesOf(empty).map((type) => type[3]))).toEqual(new Set(['OPTIONAL']));
});

test('an export of changes says of each row what to do, one row for each removed record', async () => {
  const [record] = variedRecords(1);
  const lines = [{ removed: ['a', 'b'] }, record, { reset: true }, record];
  const { rows } = await fileOf([jsonLines(...lines)], { hasChanges: true });
  expect(rows.map(({ change, id, kind }) => [change, id, kind])).toEqual([
    ['remove', 'a', null],
    ['remove', 'b', null],
    ['put', record?.id, record?.kind],
    ['reset', null, null],
    ['put', record?.id, record?.kind],
  ]);
});

test('a line that removes many records is divided into row groups: its rows are never taken all at once', async () => {
  const removed = Array.from({ length: 25 }, (_, id) => `r${id}`);
  const { rows, metadata } = await fileOf([jsonLines({ removed }, { removed: [] }, { reset: true })], {
    hasChanges: true,
    groupRows: 10,
  });
  expect(rows.map(({ id }) => id)).toEqual([...removed, null]);
  expect(metadata.row_groups.map(({ num_rows: count }) => Number(count))).toEqual([10, 10, 6]);
});

test('values that a column cannot hold are null, and cost neither the row nor the others', async () => {
  const { rows } = await fileOf([
    jsonLines({
      seq: 2 ** 60,
      id: 'a',
      timestamp: 'never',
      latency: 'long',
      properties: { cost: '1' },
      prompt: 'é\u0000🙂',
    }),
  ]);
  expect(rows[0]).toMatchObject({
    seq: null,
    id: 'a',
    timestamp: null,
    latency: null,
    cost: null,
    prompt: 'é\u0000🙂',
    properties: '{"cost":"1"}',
  });
});

test('long records end their row group early, so that memory stays flat', async () => {
  const [record] = variedRecords(1);
  const long = { ...record, prompt: 'x'.repeat(9 * 1024 * 1024) };
  const { metadata } = await fileOf(Array.from({ length: 5 }, () => jsonLines(long)));
  expect(metadata.row_groups.map(({ num_rows: count }) => Number(count))).toEqual([2, 2, 1]);
});
