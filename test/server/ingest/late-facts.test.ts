import { MemoryStore } from '../../../src/server/index.js';
import { checkLateFacts } from './late-facts-scenarios.js';

checkLateFacts('memory', () => {
  const store = new MemoryStore();
  return Promise.resolve(() => Promise.resolve(store));
});
