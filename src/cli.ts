#!/usr/bin/env node
import { CommandError } from './cli/command-error.js';
import { dev } from './cli/dev/dev.js';
import { PROBE_COMMAND } from './cli/doctor/check-instrumentation.js';
import { doctor } from './cli/doctor/doctor-command.js';
import { printProbe } from './cli/doctor/probe.js';
import { newKey } from './cli/serve/new-key.js';
import { migrate } from './cli/serve/migrate.js';
import { serve } from './cli/serve/serve.js';
import { USAGE } from './cli/usage.js';
import { packageVersion } from './cli/package-version.js';
import { recomputeCommand } from './cli/recompute/recompute-command.js';
import { reportCommand } from './cli/report/report-command.js';
import { exportCommand } from './cli/transfer/export-command.js';
import { importCommand } from './cli/transfer/import-command.js';

const [command, ...args] = process.argv.slice(2);
run(command, args).catch((error: unknown) => {
  // A CommandError is printed as one line. Any other error is a bug: its stack is needed.
  if (!(error instanceof CommandError)) throw error;
  process.stderr.write(`opentelemetry-exporter-trubrics: ${error.message}\n`);
  process.exitCode = error.exitCode;
});

async function run(name: string | undefined, rest: readonly string[]): Promise<void> {
  if (name === undefined) throw new CommandError('Name a command, for instance "dev". --help lists them', 2);
  if (name === '--help' || name === '-h' || name === 'help') process.stdout.write(USAGE);
  else if (name === '--version' || name === '-v') process.stdout.write(`${packageVersion()}\n`);
  else if (name === 'dev') await dev(rest);
  else if (name === 'serve') await serve(rest);
  else if (name === 'migrate') await migrate(rest);
  else if (name === 'key') newKey(rest);
  else if (name === 'import') await importCommand(rest);
  else if (name === 'export') await exportCommand(rest);
  else if (name === 'report') await reportCommand(rest);
  else if (name === 'recompute') await recomputeCommand(rest);
  else if (name === 'doctor') await doctor(rest);
  else if (name === PROBE_COMMAND) printProbe();
  else throw new CommandError(`There is no command "${name}". --help lists them`, 2);
}
