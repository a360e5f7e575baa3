import { variableOf } from '../../common/options/define-options.js';
import { OPTIONS, resolveOptions } from '../../config/options.js';
import { messageParts } from '../first-sentence.js';
import { DEV_ARGUMENTS } from '../dev/dev-options.js';
import { OUTGOING_SECRETS } from '../options/outgoing-options.js';
import type { ArgumentSpec } from '../options/read-arguments.js';
import { STORE_PASSWORD } from '../serve/parse-store.js';
import { SERVE_ARGUMENTS, SERVE_SECRETS } from '../serve/serve-arguments.js';
import { READER_TOKEN } from '../options/server-address.js';
import { type Finding, ok, problem, warning } from './finding.js';
import { isOn, type Project, variable } from './project.js';

/** Variables of the commands. */
const COMMAND_VARIABLES: ReadonlySet<string> = new Set([
  ...Object.values<ArgumentSpec>({ ...DEV_ARGUMENTS, ...SERVE_ARGUMENTS }).flatMap(({ env }) => env ?? []),
  ...Object.values(OUTGOING_SECRETS),
  ...Object.values(SERVE_SECRETS),
  STORE_PASSWORD,
  READER_TOKEN,
]);

/** Checks the variables that decide whether spans are made, read and sent. */
export function checkEnvironment(project: Project): Finding[] {
  const findings = [
    ...checkValues(project),
    ...checkNames(project),
    ...checkSwitches(project),
    ...checkLimits(project),
  ];
  // The check of the host says what is wrong with it.
  const isHostWrong = !/^https?:\/\/|^$/i.test(variable(project, 'TRUBRICS_HOST') ?? '');
  return findings.length > 0 || isHostWrong
    ? findings
    : [ok('environment', 'the environment variables are well-formed')];
}

function checkValues({ environment }: Project): Finding[] {
  try {
    resolveOptions({}, environment);
    return [];
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    const [message, advice] = messageParts(error);
    return [problem('environment', message, advice ?? 'Correct it, or unset it.')];
  }
}

/** A variable with a name that is almost right is ignored in silence. */
function checkNames({ environment }: Project): Finding[] {
  const known = Object.entries(OPTIONS).flatMap(([name, spec]) => variableOf(name, spec) ?? []);
  return Object.keys(environment)
    .filter((name) => name.startsWith('TRUBRICS_') && !known.includes(name) && !COMMAND_VARIABLES.has(name))
    .map((name) => {
      const meant = known.find((other) => lettersOf(other) === lettersOf(name) || other.startsWith(name));
      return warning(
        'environment',
        `there is no environment variable ${name}`,
        meant === undefined ? 'docs/options.md has all of them.' : `Did you mean ${meant}?`,
      );
    });
}

function lettersOf(name: string): string {
  return name.toLowerCase().replaceAll(/_|s$/g, '');
}

/** Settings with which nothing, or only a part, is recorded. */
function checkSwitches(project: Project): Finding[] {
  const findings: Finding[] = [];
  if (isOn(project, 'TRUBRICS_DISABLED'))
    findings.push(
      problem('environment', 'TRUBRICS_DISABLED switches everything off', 'Unset TRUBRICS_DISABLED.'),
    );
  if (isOn(project, 'OTEL_SDK_DISABLED'))
    findings.push(
      problem(
        'environment',
        'OTEL_SDK_DISABLED switches the NodeSDK off: there are no spans',
        'Unset OTEL_SDK_DISABLED.',
      ),
    );
  const ratio = Number(variable(project, 'TRUBRICS_SAMPLING_RATIO') ?? '1');
  if (ratio === 0)
    findings.push(
      problem('environment', 'TRUBRICS_SAMPLING_RATIO=0 records nobody', 'Unset TRUBRICS_SAMPLING_RATIO.'),
    );
  else if (ratio < 1)
    findings.push(
      warning(
        'environment',
        `TRUBRICS_SAMPLING_RATIO=${ratio} records this share of the users`,
        'Unset it to record everybody.',
      ),
    );
  return [...findings, ...checkSampler(project)];
}

function checkSampler(project: Project): Finding[] {
  const sampler = variable(project, 'OTEL_TRACES_SAMPLER')?.toLowerCase() ?? '';
  if (sampler.endsWith('always_off'))
    return [
      problem(
        'environment',
        `OTEL_TRACES_SAMPLER=${sampler}: no span is recorded`,
        'Unset OTEL_TRACES_SAMPLER.',
      ),
    ];
  if (!sampler.endsWith('traceidratio')) return [];
  return [
    warning(
      'environment',
      `OTEL_TRACES_SAMPLER=${sampler} records a share of the traces`,
      'Calls in the other traces become no records. Unset it to record all.',
    ),
  ];
}

const LENGTH_LIMITS = ['OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT', 'OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT'];
/** Shorter limits cut the JSON of most conversations. */
const SHORT = 20_000;

function checkLimits(project: Project): Finding[] {
  return LENGTH_LIMITS.flatMap((name) => {
    const text = variable(project, name);
    if (text === undefined || !(Number(text) < SHORT)) return [];
    return [
      warning(
        'environment',
        `${name}=${text} cuts prompts and answers`,
        `Unset ${name}, or set it to ${SHORT} or more.`,
      ),
    ];
  });
}
