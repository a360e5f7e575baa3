import { expect, test } from 'vitest';
import { ChangeLog } from '../../../../../src/server/engines/memory/changes/change-log.js';

const idsOf = (log: ChangeLog, revision: number) => log.since(revision)?.map(({ id }) => id);

/** A log of so many changes, each with a revision of its own, from 1 on. */
function logOf(count: number): ChangeLog {
  const log = new ChangeLog();
  for (let revision = 1; revision <= count; revision += 1)
    log.add({ revision, id: `r${revision}`, isRemoval: false });
  return log;
}

test('the changes after a revision are known, earliest first', () => {
  const log = logOf(3);
  expect(idsOf(log, 0)).toEqual(['r1', 'r2', 'r3']);
  expect(idsOf(log, 1)).toEqual(['r2', 'r3']);
  expect(idsOf(log, 3)).toEqual([]);
});

test('changes before a restart are not known', () => {
  const log = logOf(3);
  log.restart(5);
  log.add({ revision: 6, id: 'r6', isRemoval: true });
  expect(idsOf(log, 4)).toBeUndefined();
  expect(idsOf(log, 5)).toEqual(['r6']);
  expect(idsOf(log, 6)).toEqual([]);
});

test('twenty thousand changes are kept, and ten thousand of them after the next one', () => {
  expect(idsOf(logOf(20_000), 0)).toHaveLength(20_000);
  const log = logOf(20_001);
  expect(idsOf(log, 10_000)).toBeUndefined();
  expect(idsOf(log, 10_001)).toHaveLength(10_000);
  expect(idsOf(log, 20_000)).toEqual(['r20001']);
});

test('changes of one revision are known all or none', () => {
  const log = logOf(9_999);
  for (let record = 0; record < 10_002; record += 1)
    log.add({ revision: 10_000, id: `removed ${record}`, isRemoval: true });
  expect(log.since(9_999)).toBeUndefined();
  expect(log.since(10_000)).toEqual([]);
});
