import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Finding, ok, problem } from './finding.js';
import { RESULT_MARK, type ProbeResult } from './probe.js';
import type { Project } from './project.js';

/** Name of the command that looks at its own process. Not for users. */
export const PROBE_COMMAND = 'doctor-probe';

/** A file that takes longer starts the application. */
const TIMEOUT_MS = 20_000;
const MAX_OUTPUT = 1_000_000;

/** Loads a file of instrumentation in a process of its own, and checks the tracer provider that it registers. `cli` is the file of this command. */
export async function checkInstrumentation(
  project: Project,
  file: string,
  cli = process.argv[1] ?? '',
): Promise<Finding[]> {
  const path = resolve(project.folder, file);
  if (!existsSync(path))
    return [problem('require', `there is no file ${file}`, 'Name the file that starts tracing.')];
  const { output, errors } = await load(project, path, cli);
  const line = output.split('\n').findLast((text) => text.startsWith(RESULT_MARK));
  if (line === undefined) {
    const reason = errors.split('\n').find((text) => /Error\b/.test(text)) ?? 'it did not come to its end';
    return [
      problem(
        'require',
        `${file} cannot be loaded: ${reason.trim()}`,
        `Try it: node --import ./${file} -e 0`,
      ),
    ];
  }
  return findingsOf(file, JSON.parse(line.slice(RESULT_MARK.length)) as ProbeResult);
}

function findingsOf(file: string, result: ProbeResult): Finding[] {
  const { hasProvider, hasProcessor, hasExporter, isRecording } = result;
  if (!hasProvider)
    return [
      problem(
        'provider',
        `${file} registers no tracer provider`,
        'Call sdk.start() or provider.register(), and look for an error before it. Two copies of @opentelemetry/api can be the reason as well.',
      ),
    ];
  if (!hasProcessor && !hasExporter)
    return [
      problem(
        'processor',
        `${file} registers a tracer provider without TrubricsSpanProcessor`,
        'Add it to spanProcessors: [yours, new TrubricsSpanProcessor()]',
      ),
    ];
  if (!isRecording)
    return [
      problem(
        'provider',
        `the sampler of ${file} records no spans`,
        'Use a sampler that records, such as the default.',
      ),
    ];
  return [
    ok('processor', `${file} registers ${hasProcessor ? 'TrubricsSpanProcessor' : 'TrubricsSpanExporter'}`),
  ];
}

interface Loaded {
  readonly output: string;
  readonly errors: string;
}

/** Starts this command again, with the file loaded before it. */
function load({ folder, environment }: Project, path: string, cli: string): Promise<Loaded> {
  return new Promise((done) => {
    const child = spawn(process.execPath, ['--import', pathToFileURL(path).href, cli, PROBE_COMMAND], {
      cwd: folder,
      env: { ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const written = { output: '', errors: '' };
    const add = (to: keyof typeof written) => (data: Buffer) => {
      if (written[to].length < MAX_OUTPUT) written[to] += data.toString();
    };
    child.stdout.on('data', add('output'));
    child.stderr.on('data', add('errors'));
    const timer = setTimeout(() => child.kill('SIGKILL'), TIMEOUT_MS);
    const end = (): void => {
      clearTimeout(timer);
      done(written);
    };
    child.on('error', end);
    child.on('close', end);
  });
}
