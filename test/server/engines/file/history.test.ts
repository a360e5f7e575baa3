import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openFileStore } from '../../../../src/server/index.js';
import { useFolder } from '../../../support/use-folder.js';
import { numbered } from '../stored.js';

test('that older records were evicted is known after the file was rewritten without them', async () => {
  const file = join(await useFolder(), 'records.jsonl');
  const first = await openFileStore({ file, maxRecords: 3 });
  await first.put([1, 2, 3, 4, 5].map((id) => numbered(id)));
  // Rewrites the file.
  await first.erase({ ids: ['5'], keys: [] });
  await first.close();
  const second = await openFileStore({ file, maxRecords: 100 });
  expect((await second.usage()).records).toBe(2);
  expect((await second.retention({}, {})).isUncertain).toBe(true);
  await second.close();
});
