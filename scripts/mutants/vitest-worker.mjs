// Runs test files in a Vitest that stays loaded, because its start takes longer than most tests: `node vitest-worker.mjs FOLDER`, as a child
// process. Gets `{ tests, changed }`, paths in the folder, and sends whether all tests passed.
import { join } from 'node:path';
import { createVitest } from 'vitest/node';

const root = process.argv[2];
const vitest = await createVitest('test', {
  root,
  config: join(root, 'test/vitest.config.ts'),
  watch: false,
  pool: 'threads',
  // One file after the other: the machine is shared, and the first failure decides.
  fileParallelism: false,
  bail: 1,
  reporters: [{}],
});
await vitest.standalone();

/** The file of the job before, which has been restored since. */
let previous = '';

process.on('message', (job) => void run(job));
process.send('ready');

async function run({ tests, changed }) {
  for (const file of new Set([previous, join(root, changed)])) forget(file);
  previous = join(root, changed);
  const specifications = await vitest.globTestSpecifications(tests);
  const { testModules, unhandledErrors } = await vitest.runTestSpecifications(specifications);
  // Vitest also returns what it has run before.
  const files = new Set(specifications.map(({ moduleId }) => moduleId));
  const modules = testModules.filter(({ moduleId }) => files.has(moduleId));
  const areOk = modules.length > 0 && modules.every((module) => module.ok());
  process.send(areOk && unhandledErrors.length === 0);
}

/** Lets a file be transformed again. Unlike `vitest.invalidateFile()` it spares the files that import it: that is most of the time of a run. */
function forget(file) {
  for (const { vite } of vitest.projects) {
    for (const { moduleGraph } of Object.values(vite.environments)) {
      for (const module of moduleGraph.getModulesByFile(file) ?? [])
        moduleGraph.invalidateModule(module, new Set(module.importers));
    }
  }
}
