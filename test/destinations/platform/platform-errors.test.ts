import { beforeEach, describe, expect, test } from 'vitest';
import { createDelivery } from '../../../src/delivery/create-delivery.js';
import type { TrubricsPlatformOptions } from '../../../src/destinations/platform/platform.js';
import { useDiag } from '../../support/use-diag.js';
import { promptEntries } from '../../support/entries.js';
import { type FakePlatform } from '../../support/fake-platform.js';
import { platformDestination, useFakePlatform } from '../../support/use-fake-platform.js';
import { closedPort } from '../../support/scripted-server.js';

let platform: FakePlatform;
beforeEach(async () => {
  platform = await useFakePlatform();
});

function destination(options: Partial<TrubricsPlatformOptions> = {}) {
  return platformDestination(platform, options);
}

/** Accepts three prompts, flushes for a moment, mends what was wrong, and flushes again. */
async function deliverOnceMended(options: Partial<TrubricsPlatformOptions>, mend: () => void) {
  const lines = useDiag();
  const delivery = createDelivery(destination(options));
  for (const entry of promptEntries(3)) delivery.accept(entry);
  await delivery.flush(10_000, 300);
  const before = delivery.stats();
  mend();
  // A parked queue is not tried more often than once a second.
  await new Promise((resolve) => setTimeout(resolve, 1_100));
  await delivery.flush();
  const after = delivery.stats();
  await delivery.shutdown();
  return { before, after, lines };
}

describe('trubricsPlatform with an account that is not in order', () => {
  test.each<[string, Partial<TrubricsPlatformOptions>, RegExp, () => void, () => void]>([
    [
      'a wrong password',
      {},
      /^HTTP 401: wrong email or password.*sign-up.*\(INVALID_PASSWORD\)$/,
      () => (platform.password = 'changed'),
      () => (platform.password = 'correct horse'),
    ],
    [
      'no organisation',
      {},
      /^HTTP 403: the account belongs to no organisation$/,
      () => (platform.hasOrganisation = false),
      () => (platform.hasOrganisation = true),
    ],
    [
      'an unknown project',
      { project: 'mine' },
      /^HTTP 403: the organisation has no project "mine"; it has "default", "other"$/,
      () => platform.addProject('other'),
      () => platform.addProject('mine'),
    ],
    [
      'an archived project',
      { project: 'old' },
      /no project "old"; it has "default"$/,
      () => platform.addProject('old', true),
      () => platform.addProject('old'),
    ],
    [
      'a database that is not there',
      {},
      /^HTTP 403: the organisation cannot be looked up \(NOT_FOUND\)$/,
      () => {
        const body = { error: { code: 404, message: 'The database does not exist', status: 'NOT_FOUND' } };
        platform.intercept = (path) => (path.startsWith('/firestore') ? { status: 404, body } : undefined);
      },
      () => (platform.intercept = undefined),
    ],
    [
      'a sign-in that is gone',
      {},
      /^HTTP 401: the platform does not sign anybody in \(HTTP 404\)$/,
      () => (platform.intercept = () => ({ status: 404, body: '<html>' })),
      () => (platform.intercept = undefined),
    ],
  ])(
    '%s stops the queue, is logged once, and ends with a delivery when it is fixed',
    async (_, options, error, spoil, mend) => {
      spoil();
      const { before, after, lines } = await deliverOnceMended(options, mend);
      expect(before).toMatchObject({ state: 'unauthorized', queued: 3, delivered: 0 });
      expect(before.lastError).toMatch(error);
      expect(after).toMatchObject({ state: 'sending', delivered: 3 });
      expect(lines.map(({ level }) => level)).toEqual(['error', 'info']);
    },
  );

  test.each<[string, { readonly status: number; readonly body?: unknown }, RegExp]>([
    ['is out of order', { status: 503 }, /^HTTP 503/],
    ['has too many requests', { status: 429 }, /^HTTP 429/],
    [
      'has seen too many attempts',
      { status: 400, body: { error: { message: 'TOO_MANY_ATTEMPTS_TRY_LATER : later' } } },
      /^HTTP 429: TOO_MANY_ATTEMPTS_TRY_LATER$/,
    ],
  ])('a sign-in is retried with backoff when it %s', async (_, reply, error) => {
    platform.intercept = (path) => (path.startsWith('/identity') ? reply : undefined);
    const { before, after } = await deliverOnceMended({}, () => (platform.intercept = undefined));
    expect(before.state).not.toBe('unauthorized');
    expect(before.lastError).toMatch(error);
    expect(after).toMatchObject({ state: 'sending', delivered: 3 });
  });

  test('a token that cannot be refreshed for the moment is requested again', async () => {
    platform.tokenLifetimeS = 0.1;
    const delivery = createDelivery(destination());
    for (const entry of promptEntries(1, 'before-')) delivery.accept(entry);
    await delivery.flush();
    let failures = 2;
    platform.intercept = (path) =>
      path.startsWith('/token') && failures-- > 0 ? { status: 500 } : undefined;
    await new Promise((resolve) => setTimeout(resolve, 110));
    for (const entry of promptEntries(1, 'after-')) delivery.accept(entry);
    await delivery.flush();
    expect(delivery.stats()).toMatchObject({ delivered: 2 });
    // Neither failure was taken for a reason to send the password again.
    expect(platform.calls.filter(({ path }) => path.includes('signInWithPassword'))).toHaveLength(1);
    await delivery.shutdown();
  });

  test('connect() rejects with the reason when there is no connection', async () => {
    const down = `http://127.0.0.1:${await closedPort()}`;
    const endpoints = { identity: down, token: down, firestore: down };
    await expect(destination({ endpoints }).connect()).rejects.toThrow(
      'the platform cannot be reached (ECONNREFUSED)',
    );
  });
});
