import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Quotas } from '../../../src/server/security/quotas.js';
import { parseCredentialsFile } from '../../../src/server/security/credentials/parse-file.js';
import { prompt } from '../../support/server-requests.js';
import { useTeam } from '../../support/use-team.js';
import { spanRequest } from './span-request.js';

test('a key above its quota is told when to send again, in the form of each protocol', async () => {
  const team = await useTeam({ quota: 5 });
  await team.ready;
  expect(
    (
      await team.publish(
        'shop-key',
        Array.from({ length: 7 }, () => prompt()),
      )
    ).status,
  ).toBe(200);
  const refused = await team.publish('shop-key', [prompt()]);
  expect([refused.status, await refused.json()]).toEqual([
    429,
    { detail: expect.stringContaining('5 records a minute') },
  ]);
  // The excess of 2 and the next one take 3 of 5 parts of a minute, less the time that has passed.
  const seconds = Number(refused.headers.get('retry-after'));
  expect(seconds).toBeGreaterThan(0);
  expect(seconds).toBeLessThanOrEqual(36);
  const otlp = await spanRequest(team, { 'x-api-key': 'shop-key' }, 'over the quota');
  expect([otlp.status, otlp.headers.get('retry-after')]).toEqual([429, expect.stringMatching(/^\d+$/)]);
  expect(await otlp.json()).toEqual({ message: expect.stringContaining('quota') });
  expect((await team.publish('docs-key', [prompt()])).status).toBe(200);
});

test('spans count by the records that they become', async () => {
  const team = await useTeam({ quota: 2 });
  await team.ready;
  const key = { 'x-api-key': 'shop-key' };
  for (const expected of [200, 200, 429])
    expect((await spanRequest(team, key, 'counted')).status).toBe(expected);
});

test('requests that are refused or cannot be stored do not count', async () => {
  const team = await useTeam({ quota: 2 });
  await team.ready;
  for (let i = 0; i < 5; i++) expect((await team.publish('shop-key', [{ prompt: 1 }])).status).toBe(422);
  expect((await team.publish('shop-key', [prompt()])).status).toBe(200);
});

test('the quota of a key wins over that of the server', async () => {
  const team = await useTeam({ quota: 1 });
  await team.ready;
  const [own] = team.register.credentials.keys;
  const sha256 = own?.hash.toString('hex');
  const { keys } = parseCredentialsFile(
    JSON.stringify({ keys: [{ project: 'shop', sha256, recordsPerMinute: 1000 }] }),
  );
  team.register.replace({ ...team.register.credentials, keys });
  for (let i = 0; i < 5; i++) expect((await team.publish('shop-key', [prompt()])).status).toBe(200);
});

test('over any time, a key writes at most its quota per minute, that of the first minute, and one request', () => {
  const step = fc.record({ afterMs: fc.nat(30_000), records: fc.integer({ min: 1, max: 50 }) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), fc.integer({ min: 1, max: 500 }), (steps, perMinute) => {
      let now = 0;
      let written = 0;
      const quotas = new Quotas(() => now);
      for (const { afterMs, records } of steps) {
        now += afterMs;
        if (quotas.waitOf('key', perMinute) > 0) continue;
        quotas.take('key', perMinute, records);
        written += records;
      }
      expect(written).toBeLessThanOrEqual(perMinute * (1 + now / 60_000) + 50);
    }),
  );
});

test('after the time that it was told, a key may write again, and not a moment before', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5000 }), fc.integer({ min: 0, max: 5000 }), (perMinute, excess) => {
      let now = 1000;
      const quotas = new Quotas(() => now);
      quotas.take('key', perMinute, perMinute + excess);
      const wait = quotas.waitOf('key', perMinute);
      expect(wait).toBeGreaterThan(0);
      now += Math.max(0, wait - 2);
      expect(quotas.waitOf('key', perMinute)).toBeGreaterThanOrEqual(wait > 2 ? 1 : 0);
      now += 3;
      expect(quotas.waitOf('key', perMinute)).toBe(0);
    }),
  );
});

test('what was not used for an hour cannot be used up at once', () => {
  let now = 0;
  const quotas = new Quotas(() => now);
  quotas.take('key', 100, 1);
  now += 3_600_000;
  quotas.take('key', 100, 100);
  expect(quotas.waitOf('key', 100)).toBe(600);
});
