import { join } from 'node:path';
import { MemoryStore, openFileStore } from '../../../src/server/index.js';
import { useFolder } from '../../support/use-folder.js';
import { checkRecordStore } from './contract.js';
import type { Engine } from './engine.js';

let files = 0;

const ENGINES: readonly Engine[] = [
  { name: 'memory', open: async (limits) => new MemoryStore(limits), isBounded: true, runs: 300 },
  {
    name: 'file',
    open: async (limits) => openFileStore({ ...limits, file: join(await useFolder(), `${files++}.jsonl`) }),
    isBounded: true,
    runs: 30,
  },
];

for (const engine of ENGINES) {
  checkRecordStore(engine);
}
