import { parseArgs } from 'node:util';
import { parsedBy } from '../options/parsed-by.js';
import { packageVersion } from '../package-version.js';
import { checkContent } from './check-content.js';
import { checkEnvironment } from './check-environment.js';
import { checkEsModules } from './check-es-modules.js';
import { checkHost } from './check-host.js';
import { checkInstrumentation } from './check-instrumentation.js';
import { checkSpools } from './check-spool.js';
import { checkUntraced } from './check-untraced.js';
import { checkUsage } from './check-usage.js';
import { checkVersions } from './check-versions.js';
import type { Finding } from './finding.js';
import { readProject } from './project.js';
import { DOCTOR_USAGE } from './usage.js';

const OPTIONS = {
  require: { type: 'string', multiple: true },
  spool: { type: 'string' },
  offline: { type: 'boolean' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

/**
 * Checks the set-up in the current folder and prints what to change. The exit code is 1 if something is wrong.
 *
 * @throws CommandError for a wrong command line.
 */
export async function doctor(args: readonly string[]): Promise<void> {
  const { values } = parsedBy(() => parseArgs({ args: [...args], options: OPTIONS }));
  if (values.help) {
    process.stdout.write(DOCTOR_USAGE);
    return;
  }
  const project = readProject(process.cwd(), process.env);
  const loaded = await Promise.all((values.require ?? []).map((file) => checkInstrumentation(project, file)));
  const findings = [
    ...checkVersions(project, process.version),
    // Reads the sources only if nothing was loaded: loaded code is the better evidence.
    ...(loaded.length > 0 ? loaded.flat() : checkUsage(project)),
    ...checkEnvironment(project),
    ...(values.offline ? [] : await checkHost(project)),
    ...checkContent(project),
    ...checkEsModules(project),
    ...checkUntraced(project),
    ...(await checkSpools(project, values.spool)),
  ];
  process.stdout.write(values.json ? asJson(findings) : asText(project.folder, findings));
  if (countOf(findings, 'problem') > 0) process.exitCode = 1;
}

const MARKS = { ok: '✓', warning: '!', problem: '✗' } as const;

function asText(folder: string, findings: readonly Finding[]): string {
  const lines = findings.flatMap(({ status, message, advice }) => [
    `${MARKS[status]} ${message}`,
    ...(advice === undefined ? [] : [`    ${advice}`]),
  ]);
  return [
    `opentelemetry-exporter-trubrics ${packageVersion()}, ${folder}`,
    '',
    ...lines,
    '',
    summary(findings),
    '',
  ].join('\n');
}

function summary(findings: readonly Finding[]): string {
  const [problems, warnings] = [countOf(findings, 'problem'), countOf(findings, 'warning')];
  if (problems + warnings > 0) return `${problems} problem(s), ${warnings} warning(s)`;
  return 'Nothing is wrong here. If no record arrives, ask explain() of the processor or handler: docs/troubleshooting.md';
}

function asJson(findings: readonly Finding[]): string {
  const report = {
    version: packageVersion(),
    problems: countOf(findings, 'problem'),
    warnings: countOf(findings, 'warning'),
    findings,
  };
  return `${JSON.stringify(report, null, 2)}\n`;
}

function countOf(findings: readonly Finding[], wanted: Finding['status']): number {
  return findings.filter(({ status }) => status === wanted).length;
}
