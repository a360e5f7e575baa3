import { expect, test } from 'vitest';
import { listSegments, segmentQuery } from '../../../src/server/audience/segments.js';
import { MemoryDocuments } from '../../../src/server/engines/memory/memory-documents.js';

test('segments are listed by name, with what is wrong with those that cannot be read', async () => {
  const documents = new MemoryDocuments();
  const put = (name: string, filters: string[]) =>
    documents.put({ kind: 'segment', name, value: { filters } });
  const [paying, broken] = [
    await put('paying', ['prop.plan=pro', 'tag=beta']),
    await put('broken', ['plan=pro']),
  ];
  expect(await listSegments(documents)).toEqual([
    { name: 'broken', filters: [], version: broken.version, problem: expect.stringContaining('"plan"') },
    { name: 'paying', filters: ['prop.plan=pro', 'tag=beta'], version: paying.version },
  ]);
  expect(await segmentQuery(documents, 'paying')).toEqual({
    peopleWho: [{ properties: [{ name: 'plan', values: ['pro'] }] }, { tags: ['beta'] }],
  });
  const unknown = { name: 'BadQueryError' };
  await expect(segmentQuery(documents, 'broken')).rejects.toMatchObject(unknown);
  await expect(segmentQuery(documents, 'gone')).rejects.toMatchObject(unknown);
});
