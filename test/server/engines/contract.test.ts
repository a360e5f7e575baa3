import { join } from 'node:path';
import { MemoryStore, openFileStore } from '../../../src/server/index.js';
import { useFolder } from '../../support/use-folder.js';
import { checkRecordStore } from './contract.js';

let files = 0;

checkRecordStore({ name: 'memory', open: async (limits) => new MemoryStore(limits), runs: 300 });
checkRecordStore({
  name: 'file',
  open: async (limits) => openFileStore({ ...limits, file: join(await useFolder(), `${files++}.jsonl`) }),
  runs: 30,
});
