import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { DeliveryLog } from '../../../src/delivery/accounting/delivery-log.js';
import type { DropReason } from '../../../src/delivery/model/settlement.js';
import { toSequence } from '../../../src/delivery/model/queued-entry.js';
import { ManualRuntime } from '../../support/manual-runtime.js';
import { memoryEntry } from '../../support/queued-entries.js';
import { useDiag } from '../../support/use-diag.js';

let warnings: string[];
beforeEach(() => {
  warnings = [];
  vi.spyOn(process, 'emitWarning').mockImplementation((warning) => void warnings.push(String(warning)));
});
afterEach(() => void vi.restoreAllMocks());

const MINUTE = 60_000;

/** A log, and its lines since the last look. */
function useLog(url?: string, warnsProcess = true) {
  const runtime = new ManualRuntime(0);
  const diag = useDiag();
  const log = new DeliveryLog({ name: 'shop', ...(url !== undefined && { url }) }, runtime, warnsProcess);
  const drop = (reason: DropReason, error?: string): void =>
    log.onFinished(memoryEntry(), { status: 'dropped', reason }, error);
  const lines = (): string[] => diag.splice(0).map(({ text }) => text.slice(text.indexOf('shop')));
  return { runtime, log, drop, lines };
}

test('an outage has one line at its start and one at its end, with its duration', async () => {
  const { runtime, log, lines } = useLog('https://example.org');
  log.onRecovered(0);
  log.onRetry('ECONNREFUSED', 1);
  await runtime.advance(30_000);
  log.onRetry('ECONNREFUSED', 2);
  await runtime.advance(31_000);
  log.onRecovered(2);
  log.onRecovered(0);
  expect(lines()).toEqual([
    'shop: cannot deliver at https://example.org (ECONNREFUSED); will keep trying, 1 entry waiting',
    'shop: delivers again after 61 s; 2 entries waiting',
  ]);
  log.onRetry('ECONNREFUSED', 3);
  expect(lines()).toHaveLength(1);
});

test('refused credentials have one line until they are accepted, also within an outage', async () => {
  const { runtime, log, lines } = useLog();
  log.onUnauthorized('HTTP 401', 1);
  await runtime.advance(MINUTE);
  log.onUnauthorized('HTTP 401', 1);
  await runtime.advance(MINUTE);
  log.onRecovered(0);
  const [refused, ...others] = lines();
  expect(refused).toContain('refuses the credentials (HTTP 401)');
  expect(others).toEqual(['shop: delivers again after 120 s; 0 entries waiting']);
  log.onUnauthorized('HTTP 403', 1);
  expect(lines()).toHaveLength(1);
});

test('a process is warned once, whatever goes wrong', () => {
  const { log } = useLog();
  log.onRetry('ECONNREFUSED', 1);
  log.onUnauthorized('HTTP 401', 1);
  expect(warnings).toHaveLength(1);
  expect(warnings[0]).toContain('cannot deliver (ECONNREFUSED)');
});

test('a process is warned of an entry that the destination refused, and not of one that the application withdrew', () => {
  const { drop } = useLog();
  for (const reason of ['opted_out', 'already_shutdown', 'unsupported'] as const) drop(reason);
  expect(warnings).toEqual([]);
  drop('invalid', 'HTTP 422');
  expect(warnings).toHaveLength(1);
});

test.each(['queue_overflow', 'expired', 'invalid', 'spool_full', 'shutdown_timeout'] as const)(
  'a process is warned of a loss that has no error: %s',
  (reason) => {
    useLog().drop(reason);
    expect(warnings).toHaveLength(1);
  },
);

test('a process is not warned by a delivery whose faults its owner reports', () => {
  const { log, lines } = useLog(undefined, false);
  log.onRetry('ECONNREFUSED', 1);
  expect([warnings, lines().length]).toEqual([[], 1]);
});

test('a drop has a line at once, further ones share a line a minute later, by reason', async () => {
  const { runtime, drop, log, lines } = useLog();
  drop('invalid', 'HTTP 422');
  expect(lines()).toHaveLength(1);
  drop('invalid');
  drop('expired');
  log.onLost({ kind: 'prompt', count: 5, reason: 'expired', sequence: toSequence(5) });
  drop('unsupported');
  expect(lines()).toEqual([]);
  await runtime.advance(MINUTE);
  expect(lines()).toEqual(['shop: dropped more entries (invalid: 1, expired: 6)']);
  drop('invalid');
  expect(lines()).toEqual([]);
  await runtime.advance(MINUTE);
  expect(lines()).toEqual(['shop: dropped more entries (invalid: 1)']);
  await runtime.advance(MINUTE);
  expect(lines()).toEqual([]);
  expect(runtime.timers).toBe(0);
  drop('invalid');
  expect(lines()).toHaveLength(1);
});

test('entries that the destination does not take are no loss, and no other line waits for them', () => {
  const { drop, lines } = useLog();
  drop('unsupported');
  expect(lines()).toEqual([]);
  drop('invalid');
  expect(lines()).toHaveLength(1);
});

test('the number of drops that has no line yet is logged when the delivery ends', () => {
  const { runtime, drop, log, lines } = useLog();
  for (let index = 0; index < 3; index += 1) drop('shutdown_timeout');
  lines();
  log.reportRemainingDrops();
  log.reportRemainingDrops();
  expect(lines()).toEqual(['shop: dropped more entries (shutdown_timeout: 2)']);
  expect(runtime.timers).toBe(0);
});

test('the report of drops keeps no process alive', () => {
  const { runtime, drop } = useLog();
  const setTimer = vi.spyOn(runtime, 'setTimer');
  drop('invalid');
  expect(setTimer).toHaveBeenCalledExactlyOnceWith(expect.any(Function), MINUTE, false);
});

test('claimed entries have a line, and those of another account name where they come from', () => {
  const { log, lines } = useLog();
  log.onClaimed(2, 1_500_000, undefined);
  log.onClaimed(1, 0, '/spool/other');
  expect(lines()).toEqual([
    'shop: found 2 entries (1.5 MB) that a process which has ended left in the spool',
    'shop: takes over 1 entry (0.0 MB) that were spooled for another account, from /spool/other',
  ]);
});
