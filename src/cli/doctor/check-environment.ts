import { variableOf } from '../../common/options/define-options.js';
import { OPTIONS, resolveOptions } from '../../config/options.js';
import { firstSentence } from '../first-sentence.js';
import { type Finding, ok, problem, warning } from './finding.js';
import { type Project, variable } from './project.js';

/** Beginnings and names of variables that no option of the processor has. */
const OTHER_VARIABLES =
  /^TRUBRICS_(?:SERVER_\w+|TOKEN|PRICES|MAX_RECORDS|TRACE_URL|WEBHOOKS|WEBHOOK_SECRET|PRIVATE_TARGETS)$/;

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
    const [message = '', advice] = messageParts(error);
    return [problem('environment', message, advice ?? 'Correct it, or unset it.')];
  }
}

function messageParts(error: unknown): [message?: string, advice?: string] {
  const message = firstSentence(error);
  if (message === undefined) return [String(error)];
  const rest = (error as Error).message.slice(message.length).replace(/^\.\s*/, '');
  return rest === '' ? [message] : [message, rest];
}

/** A variable with a name that is almost right is ignored in silence. */
function checkNames({ environment }: Project): Finding[] {
  const known = Object.entries(OPTIONS).flatMap(([name, spec]) => variableOf(name, spec) ?? []);
  return Object.keys(environment)
    .filter((name) => name.startsWith('TRUBRICS_') && !known.includes(name) && !OTHER_VARIABLES.test(name))
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

function isTrue(text: string | undefined): boolean {
  return text !== undefined && /^(?:true|1|yes|on)$/i.test(text);
}

/** Settings with which nothing, or only a part, is recorded. */
function checkSwitches(project: Project): Finding[] {
  const findings: Finding[] = [];
  if (isTrue(variable(project, 'TRUBRICS_DISABLED')))
    findings.push(
      problem('environment', 'TRUBRICS_DISABLED switches everything off', 'Unset TRUBRICS_DISABLED.'),
    );
  if (isTrue(variable(project, 'OTEL_SDK_DISABLED')))
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
