import { checkIngestionTarget } from '../../destinations/ingestion/ingestion-target.js';
import { INGESTION_PATH } from '../../server/http/paths.js';
import { DOCTOR_AGENT } from '../../server/ingest/ingest-request.js';
import { MissingOptionError } from '../../common/options/missing-option-error.js';
import { asText, codeOf } from '../../common/unknown-values.js';
import { messageParts } from '../first-sentence.js';
import { type Finding, ok, problem, warning } from './finding.js';
import { copiesOf, filesWith, isOn, type Project, variable } from './project.js';

const TIMEOUT_MS = 5_000;
const LOCAL = 'npx opentelemetry-exporter-trubrics dev';

/** Checks that there is a host, and asks it, with an empty list of events, whether it takes the key. */
export async function checkHost(project: Project): Promise<Finding[]> {
  const host = variable(project, 'TRUBRICS_HOST');
  const apiKey = variable(project, 'TRUBRICS_API_KEY');
  if (host === undefined) return [checkWithoutHost(project)];
  const file = project.fileOf.get('TRUBRICS_HOST');
  const findings = file === undefined ? [] : checkEnvFile(project, file);
  const allowInsecure = isOn(project, 'TRUBRICS_ALLOW_INSECURE');
  try {
    const target = checkIngestionTarget({ host, apiKey: apiKey ?? '', allowInsecure });
    return [...findings, await ask(target)];
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    const check = error instanceof MissingOptionError ? 'key' : 'host';
    const [message, advice] = messageParts(error);
    return [...findings, problem(check, message, advice ?? 'Correct TRUBRICS_HOST.')];
  }
}

function checkWithoutHost(project: Project): Finding {
  if (
    variable(project, 'TRUBRICS_EMAIL') !== undefined &&
    variable(project, 'TRUBRICS_API_KEY') === undefined
  )
    return ok('host', 'records go to the first Trubrics platform (TRUBRICS_EMAIL), which is not asked');
  const [file] = filesWith(project, /opentelemetry-exporter-trubrics[^]*\b(?:destination|host)\s*[:,}]/);
  const advice = `In the terminal of the application: export TRUBRICS_HOST=http://127.0.0.1:8782${INGESTION_PATH}. "${LOCAL}" starts this server.`;
  if (file !== undefined)
    return warning(
      'host',
      `TRUBRICS_HOST is not set; ${file} may name a host or a destination`,
      `If it does not: ${advice}`,
    );
  return problem('host', 'TRUBRICS_HOST is not set, and there is no default', advice);
}

/** Frameworks that read such files whenever they run, also by `npx`. */
const READING_FRAMEWORKS = ['next', 'nuxt'];

/** Node.js does not read such files by itself. */
function checkEnvFile(project: Project, file: string): Finding[] {
  const reads = /--env-file|dotenv|\bnext\b|\bvite\b|\bbun\b|loadEnvFile/;
  const isRead =
    project.scripts.some((line) => reads.test(line)) ||
    READING_FRAMEWORKS.some((name) => copiesOf(project, name).length > 0) ||
    filesWith(project, /dotenv|loadEnvFile/).length > 0;
  if (isRead) return [];
  return [
    warning(
      'host',
      `TRUBRICS_HOST is set in ${file} alone, and nothing here seems to read that file`,
      `Start with node --env-file=${file}, or export the variable in the terminal of the application.`,
    ),
  ];
}

interface Target {
  readonly host: string;
  readonly apiKey: string;
}

async function ask({ host, apiKey }: Target): Promise<Finding> {
  const answer = await post(host, apiKey);
  if ('code' in answer) return unreachable(host, answer.code);
  const { status, isJson } = answer;
  if (status >= 300 && status < 400)
    return problem(
      'host',
      `${host} redirects (${status}), and records are not sent after redirects`,
      'Set TRUBRICS_HOST to the address that it redirects to.',
    );
  if (isJson && (status === 401 || status === 403))
    return problem(
      'key',
      `${host} answers, and refuses the key (${status})`,
      'Set TRUBRICS_API_KEY to a key of this server and project.',
    );
  if (isJson && status < 300) return ok('host', `${host} answers, and does not refuse the key`);
  if (isJson && status !== 404 && status !== 405)
    return status === 422 || status === 400
      ? ok('host', `${host} answers, and does not refuse the key`)
      : problem('host', `${host} answers with the status ${status}`, 'See the log of the server.');
  return noApi(host, apiKey, status);
}

/** Something answers that is no ingestion API, such as the page of the server. Looks for the API at its usual path. */
async function noApi(host: string, apiKey: string, status: number): Promise<Finding> {
  const { origin, pathname } = new URL(host);
  const [, project = ''] = /^(.*?)(?:\/api.*)?$/.exec(pathname) ?? [];
  for (const meant of new Set([
    `${origin}${project.replace(/\/$/, '')}${INGESTION_PATH}`,
    `${origin}${INGESTION_PATH}`,
  ])) {
    if (meant === host) continue;
    const answer = await post(meant, apiKey);
    if (!('code' in answer) && answer.isJson && answer.status !== 404 && answer.status !== 405)
      return problem(
        'host',
        `${host} is not the address of the API (status ${status})`,
        `export TRUBRICS_HOST=${meant}`,
      );
  }
  return problem(
    'host',
    `${host} answers, but is no ingestion API (status ${status})`,
    `TRUBRICS_HOST must be the address that "${LOCAL}" prints. It ends in ${INGESTION_PATH}.`,
  );
}

type Answer = { readonly status: number; readonly isJson: boolean } | { readonly code: string };

async function post(host: string, apiKey: string): Promise<Answer> {
  try {
    const response = await fetch(`${host}/publish_events`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': apiKey, 'user-agent': DOCTOR_AGENT },
      body: '[]',
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    await response.body?.cancel();
    return { status: response.status, isJson: /json/.test(response.headers.get('content-type') ?? '') };
  } catch (error) {
    const { cause = error, name } = error as { cause?: unknown; name?: string };
    return { code: name === 'TimeoutError' ? 'timeout' : (asText(codeOf(cause)) ?? 'unknown') };
  }
}

function unreachable(host: string, code: string): Finding {
  const message = `${host} does not answer (${code})`;
  if (/CERT|SSL|TLS|SELF_SIGNED|UNABLE_TO/.test(code))
    return problem('host', message, 'Set NODE_EXTRA_CA_CERTS to the certificate of your authority.');
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return problem(
      'host',
      message,
      'There is no such name: check TRUBRICS_HOST. A proxy needs the option fetch.',
    );
  return problem(
    'host',
    message,
    `Start the server: ${LOCAL}. Inside a container, 127.0.0.1 is the container itself: use the name of the host, such as host.docker.internal.`,
  );
}
