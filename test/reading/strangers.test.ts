import { describe, expect, test } from 'vitest';
import { toPromptRecords } from '../../src/records/to-prompt-records.js';
import { loadStrangers, saidBy } from '../support/strangers.js';

describe('span shapes of other projects become the records that are right', () => {
  test.each(loadStrangers().map((stranger) => [stranger.name, stranger] as const))(
    'the span shape %s is recorded as it was meant',
    (_name, { spans, records: expected }) => {
      const records = toPromptRecords(spans, { systemPrompt: true });
      expect(records.map((record, index) => saidBy(record, expected[index] ?? {}))).toEqual(expected);
    },
  );
});
