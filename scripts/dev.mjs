// Builds the package and runs its local server: `npm run dev` starts this again after each change below src/.
// Arguments are those of `opentelemetry-exporter-trubrics dev`. The records are kept in a file, so that a restart does not lose them.
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
await import('./build.mjs');
mkdirSync('.trubrics', { recursive: true });
process.argv.splice(2, 0, 'dev', '--file', '.trubrics/dev.jsonl');
await import('../dist/esm/cli.js');
