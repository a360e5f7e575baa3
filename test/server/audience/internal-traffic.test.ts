import { expect, test } from 'vitest';
import { DEFAULT_INTERNAL_FILTERS, readInternalRule } from '../../../src/server/audience/internal-traffic.js';
import { MemoryDocuments } from '../../../src/server/engines/memory/memory-documents.js';

const RULE = { kind: 'setting', name: 'internal-traffic' };

test('the rule says where it is from, and what is wrong with a stored one that cannot be read', async () => {
  const documents = new MemoryDocuments();
  const byDefault = await readInternalRule(documents);
  expect(byDefault).toMatchObject({ filters: DEFAULT_INTERNAL_FILTERS, isDefault: true, version: 0 });
  expect([byDefault.queries.length, 'problem' in byDefault]).toEqual([5, false]);
  const { version } = await documents.put({ ...RULE, value: { filters: ['tag=ours'] } });
  expect(await readInternalRule(documents)).toEqual({
    filters: ['tag=ours'],
    queries: [{ tags: ['ours'] }],
    isDefault: false,
    version,
  });
  const broken = await documents.put({ ...RULE, value: { filters: ['tags=ours'] } });
  expect(await readInternalRule(documents)).toEqual({
    ...byDefault,
    version: broken.version,
    problem: '"tags=ours": "tags" is no filter of records',
  });
});
