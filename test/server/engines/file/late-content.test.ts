import { join } from 'node:path';
import { openFileStore } from '../../../../src/server/engines/file/file-record-store.js';
import { useFolder } from '../../../support/use-folder.js';
import { checkLateContent } from '../../ingest/late-content-scenarios.js';

checkLateContent(
  'file',
  async () => {
    const store = await openFileStore({ file: join(await useFolder(), 'records.jsonl') });
    return () => Promise.resolve(store);
  },
  { seeds: [1, 2, 3] },
);
