import { expect, test } from 'vitest';
import { readDevOptions } from '../../src/cli/dev/dev-options.js';
import { readServeOptions } from '../../src/cli/serve/serve-options.js';

test('the ages of records and of texts are whole days, the latter fewer', () => {
  expect(readDevOptions(['--retention-days', '730', '--text-retention-days', '90'], {})).toMatchObject({
    retentionDays: 730,
    textRetentionDays: 90,
  });
  expect(readDevOptions([], {}).retentionDays).toBeUndefined();
  const environment = { TRUBRICS_SERVER_RETENTION_DAYS: '730', TRUBRICS_SERVER_TEXT_RETENTION_DAYS: '90' };
  for (const store of ['memory', 'file:records.jsonl', 'clickhouse://host/db'])
    expect(readServeOptions(['--store', store], environment)).toMatchObject({
      retentionDays: 730,
      textRetentionDays: 90,
    });
  for (const wrong of ['0', '-1', '1.5', '90d', ''])
    expect(() => readDevOptions([`--text-retention-days=${wrong}`], {})).toThrow(
      /must be a whole number from 1|must not be empty/,
    );
  expect(() => readDevOptions(['--retention-days=9', '--text-retention-days=9'], {})).toThrow(
    /must be less than/,
  );
});
