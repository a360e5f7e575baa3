import { mkdir, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { directoryNameOf } from '../../../src/node/spool/directory-name.js';
import { LeftoverNotice } from '../../../src/node/spool/leftover-notice.js';
import { newFreeName, newOwnName } from '../../../src/node/spool/owner.js';
import { useDiag } from '../../support/use-diag.js';
import { useFolder } from '../../support/use-folder.js';

const owner = (accountId: string, name = 'shop') => directoryNameOf({ name, accountId });
const [OURS, OLD] = [owner('new key'), owner('old key')];
const ELSEWHERE = '1-deadbeef-00000000';

/** Makes a directory of a process, last changed so many minutes ago, in the directory of an account. */
async function leave(dir: string, account: string, name: string, minutes: number): Promise<void> {
  const path = join(dir, account, name);
  await mkdir(path, { recursive: true });
  const time = new Date(Date.now() - minutes * 60_000);
  await utimes(path, time, time);
}

const noticeFor = (dir: string, claimFrom: readonly string[] = []) =>
  new LeftoverNotice({ dir, name: OURS, claimFrom });

test('what another account left for more than ten minutes is said once', async () => {
  const diag = useDiag();
  const dir = await useFolder();
  await leave(dir, OLD, newFreeName(), 11);
  await leave(dir, owner('older key'), ELSEWHERE, 11);
  const notice = noticeFor(dir);
  await notice.look();
  await notice.look();
  expect(diag).toHaveLength(2);
  expect(diag.map(({ text }) => text).join()).toContain(`claimFrom: ['${OLD}']`);
});

test.each<[string, string, string, number]>([
  ['is younger', OLD, newFreeName(), 9],
  ['belongs to a process that runs', OLD, newOwnName(), 11],
  ['belongs to this account', OURS, newFreeName(), 11],
  ['belongs to another destination', owner('old key', 'other'), newFreeName(), 11],
])('nothing is said of what %s', async (_title, account, name, minutes) => {
  const diag = useDiag();
  const dir = await useFolder();
  await leave(dir, account, name, minutes);
  await noticeFor(dir).look();
  expect(diag).toEqual([]);
});

test('nothing is said of what will be claimed, or of a directory that is not there', async () => {
  const diag = useDiag();
  const dir = await useFolder();
  await leave(dir, OLD, newFreeName(), 11);
  await noticeFor(dir, [OLD]).look();
  await noticeFor(join(dir, 'gone')).look();
  expect(diag).toEqual([]);
});
