import { expect, onTestFinished, test, vi } from 'vitest';
import { MemoryDocuments } from '../../../src/server/engines/memory/memory-documents.js';
import { AuditLog } from '../../../src/server/privacy/audit-log.js';

const BY = { access: 'open' } as const;
const REPORT = {
  prompts: 1,
  calls: 2,
  feedback: 3,
  events: 4,
  forwarded: [{ to: 'https://other.example', ids: ['a', 'b'] }],
};

test('an action is in the log when it begins, and its outcome when it has ended', async () => {
  const log = new AuditLog(new MemoryDocuments());
  const done = await log.begin('forget_person', BY, { person: 'ada' });
  expect((await log.list(10, {})).entries).toMatchObject([
    { outcome: 'begun', action: 'forget_person', by: BY },
  ]);
  await done.succeed(REPORT);
  const failing = await log.begin('delete_record', BY, { record: 'r' });
  await failing.fail();
  const { entries, total } = await log.list(10, {});
  expect(total).toBe(2);
  expect(entries).toMatchObject([
    { action: 'delete_record', outcome: 'failed', record: expect.any(String) },
    {
      action: 'forget_person',
      outcome: 'done',
      person: expect.any(String),
      deleted: { prompts: 1, calls: 2, feedback: 3, events: 4 },
      forwarded: [{ to: 'https://other.example', records: 2 }],
    },
  ]);
});

test('entries about one person or record are found by its id, which the log does not have', async () => {
  const documents = new MemoryDocuments();
  const log = new AuditLog(documents);
  await log.begin('forget_person', BY, { person: 'ada' });
  await log.begin('delete_record', BY, { record: 'ada' });
  await log.begin('forget_person', BY, { person: 'ada' });
  await log.begin('forget_person', BY, { person: 'bob' });
  expect(await log.list(1, { person: 'ada' })).toMatchObject({
    total: 2,
    entries: [{ action: 'forget_person' }],
  });
  expect(await log.list(10, { record: 'ada' })).toMatchObject({ total: 1 });
  expect(await log.list(10, { person: 'adam' })).toMatchObject({ total: 0 });
  expect(JSON.stringify([...documents.all()])).not.toContain('ada"');
});

test('two servers over one store use one key, whoever writes it first', async () => {
  const documents = new MemoryDocuments();
  const [first, second] = [new AuditLog(documents), new AuditLog(documents)];
  await Promise.all([
    first.begin('forget_person', BY, { person: 'ada' }),
    second.begin('forget_person', BY, { person: 'ada' }),
  ]);
  expect(await new AuditLog(documents).list(10, { person: 'ada' })).toMatchObject({ total: 2 });
  await first.begin('forget_person', BY, { person: 'ada' });
  await second.begin('forget_person', BY, { person: 'ada' });
  expect(await new AuditLog(documents).list(10, { person: 'ada' })).toMatchObject({ total: 4 });
});

test('a key that could not be stored is tried again', async () => {
  const documents = new MemoryDocuments();
  const put = vi.spyOn(documents, 'put').mockRejectedValueOnce(new Error('disk full'));
  const log = new AuditLog(documents);
  await expect(log.begin('delete_all', BY, {})).rejects.toThrow('disk full');
  await log.begin('forget_person', BY, { person: 'ada' });
  expect(put).toHaveBeenCalledTimes(3);
  expect(await new AuditLog(documents).list(10, { person: 'ada' })).toMatchObject({ total: 1 });
});

test('an action does not begin if that cannot be written', async () => {
  const documents = new MemoryDocuments();
  const log = new AuditLog(documents);
  await log.begin('delete_all', BY, {});
  vi.spyOn(documents, 'put').mockRejectedValueOnce(new Error('disk full'));
  await expect(log.begin('delete_all', BY, {})).rejects.toThrow('disk full');
});

test('a server can look a person up while nothing can be written', async () => {
  const documents = new MemoryDocuments();
  await new AuditLog(documents).begin('forget_person', BY, { person: 'ada' });
  vi.spyOn(documents, 'put').mockRejectedValue(new Error('disk full'));
  expect(await new AuditLog(documents).list(10, { person: 'ada' })).toMatchObject({ total: 1 });
});

test('at most ten thousand entries are kept; above that, the oldest hundred are deleted at once', async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2026, 0, 1) });
  onTestFinished(() => void vi.useRealTimers());
  const documents = new MemoryDocuments();
  const nameOf = (index: number): string => `2025 ${String(index).padStart(5, '0')}`;
  for (let index = 0; index < 9_998; index += 1)
    await documents.put({ kind: 'audit', name: nameOf(index), value: { at: String(index) } });
  const [log, other] = [new AuditLog(documents), new AuditLog(documents)];
  await other.begin('delete_all', BY, {});
  await log.begin('delete_all', BY, {});
  expect([await documents.get('audit', nameOf(0)), await documents.count('audit')]).toEqual([
    expect.anything(),
    10_000,
  ]);
  const list = vi.spyOn(documents, 'list');
  await log.begin('delete_all', BY, {});
  expect(await documents.get('audit', nameOf(100))).toBeUndefined();
  expect(await documents.get('audit', nameOf(101))).toBeDefined();
  expect(await documents.count('audit')).toBe(9_900);
  // Its next look is due when it has written a hundred more.
  for (let index = 0; index < 100; index += 1) await log.begin('delete_all', BY, {});
  expect([list.mock.calls.length, await documents.count('audit')]).toEqual([1, 10_000]);
  await log.begin('delete_all', BY, {});
  expect([list.mock.calls.length, await documents.count('audit')]).toEqual([2, 9_900]);
  // What other servers delete is noticed by looking.
  for (let index = 0; index < 99; index += 1) await other.begin('delete_all', BY, {});
  expect(await documents.count('audit')).toBe(9_999);
});

test('changes of documents do not displace entries about deletions, and are listed with them', async () => {
  const documents = new MemoryDocuments();
  for (let index = 0; index < 10_000; index += 1)
    await documents.put({ kind: 'audit-edits', name: `2025 ${index}`, value: { at: '2025' } });
  const log = new AuditLog(documents);
  await (await log.begin('forget_person', BY, { person: 'ada' })).succeed(REPORT);
  await (
    await log.begin('edit_document', BY, { kind: 'view', name: 'Weekly', isId: false })
  ).succeed({ version: 7 });
  await (
    await log.begin('delete_document', BY, { kind: 'note', name: 'record-1', isId: true })
  ).succeed({ version: 8 });
  expect((await log.list(3, {})).entries).toMatchObject([
    { action: 'delete_document', kind: 'note', document: expect.not.stringMatching('record-1'), version: 8 },
    { action: 'edit_document', kind: 'view', document: 'Weekly', version: 7, outcome: 'done' },
    { action: 'forget_person', outcome: 'done' },
  ]);
  const found = async (subject: Parameters<AuditLog['list']>[1]): Promise<number> =>
    (await log.list(1, subject)).total;
  expect(await found({ kind: 'note', name: 'record-1', isId: true })).toBe(1);
  expect(await found({ kind: 'note', name: 'record-2', isId: true })).toBe(0);
  expect(await found({ kind: 'view', isId: false })).toBe(1);
  expect(JSON.stringify([...documents.all()])).not.toContain('record-1');
});
