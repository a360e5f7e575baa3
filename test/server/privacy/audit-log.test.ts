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

test('ten thousand entries are kept, and the oldest is deleted', async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2026, 0, 1) });
  onTestFinished(() => void vi.useRealTimers());
  const documents = new MemoryDocuments();
  for (let index = 0; index < 9_998; index += 1)
    await documents.put({
      kind: 'audit',
      name: `2025 ${String(index).padStart(5, '0')}`,
      value: { at: String(index) },
    });
  const log = new AuditLog(documents);
  await log.begin('delete_all', BY, {});
  expect(await documents.get('audit', '2025 00000')).toBeDefined();
  await log.begin('delete_all', BY, {});
  expect(await documents.get('audit', '2025 00000')).toBeDefined();
  await log.begin('delete_all', BY, {});
  expect(await documents.get('audit', '2025 00000')).toBeUndefined();
  expect(await documents.get('audit', '2025 00001')).toBeDefined();
  expect((await log.list(1, {})).total).toBe(10_000);
});
