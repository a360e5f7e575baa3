import type { RecomputeAnswer, RepricedSums } from '../../server/http/api/recompute-route.js';
import {
  connectionFailure,
  detailOf,
  isTemporary,
  readerHeaders,
  refusalText,
} from '../../transfer/server-answers.js';
import { CommandError, UNFINISHED } from '../command-error.js';
import { grouped, ProgressLine } from '../transfer/progress-line.js';
import { readRecomputeOptions, type RecomputeOptions } from './recompute-options.js';
import { RECOMPUTE_USAGE } from './usage.js';

/**
 * Computes the cost of the records of a server again.
 *
 * @throws CommandError
 */
export async function recomputeCommand(args: readonly string[]): Promise<void> {
  const options = readRecomputeOptions(args);
  if (options.help) {
    process.stdout.write(RECOMPUTE_USAGE);
    return;
  }
  const progress = new ProgressLine();
  try {
    const sums = await run(options, (records) => progress.show(() => `${grouped(records)} records`));
    progress.clear();
    process.stdout.write(summary(sums, options.isDryRun));
  } finally {
    progress.clear();
  }
}

interface Sums {
  records: number;
  changed: number;
  was: RepricedSums;
  is: RepricedSums;
}

const NOTHING: RepricedSums = { cost: 0, pricedCalls: 0, unpricedCalls: 0 };

async function run(options: RecomputeOptions, onProgress: (records: number) => void): Promise<Sums> {
  const sums: Sums = { records: 0, changed: 0, was: NOTHING, is: NOTHING };
  const params = new URLSearchParams(options.params);
  for (;;) {
    const answer = await post(options, params);
    sums.records += answer.records;
    sums.changed += answer.changed;
    sums.was = added(sums.was, answer.was);
    sums.is = added(sums.is, answer.is);
    onProgress(sums.records);
    if (answer.before === null) return sums;
    params.set('before', String(answer.before));
  }
}

function added(a: RepricedSums, b: RepricedSums): RepricedSums {
  return {
    cost: a.cost + b.cost,
    pricedCalls: a.pricedCalls + b.pricedCalls,
    unpricedCalls: a.unpricedCalls + b.unpricedCalls,
  };
}

/** @throws CommandError */
async function post({ base, token }: RecomputeOptions, params: URLSearchParams): Promise<RecomputeAnswer> {
  const response = await fetch(`${base}/api/recompute?${params.toString()}`, {
    method: 'POST',
    headers: readerHeaders(token),
    redirect: 'manual',
  }).catch((error: unknown) => {
    throw new CommandError(
      `${base} does not answer (${connectionFailure(error)}). What was done stays: repeat the command`,
      UNFINISHED,
    );
  });
  if (response.ok) return (await response.json()) as RecomputeAnswer;
  const { status } = response;
  const line = refusalText(base, status, await detailOf(response));
  throw new CommandError(line, isTemporary(status) ? UNFINISHED : 1);
}

function summary({ records, changed, was, is }: Sums, isDryRun: boolean): string {
  return `${grouped(changed)} of ${grouped(records)} records ${isDryRun ? 'would change' : 'have changed'}
  before  ${costText(was)}
  after   ${costText(is)}
`;
}

function costText({ cost, pricedCalls, unpricedCalls }: RepricedSums): string {
  return `$${cost.toFixed(6)} for ${grouped(pricedCalls)} calls, ${grouped(unpricedCalls)} unpriced`;
}
