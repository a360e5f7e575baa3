// Tests of signing in and of finding the project, with the Auth emulator and with organisations that Google's client wrote.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { deleteUser } from 'firebase/auth';
import { collection, doc, getDoc, getDocs, query, setDoc, where } from 'firebase/firestore/lite';
import { TrubricsClient } from 'opentelemetry-exporter-trubrics';
import { startPlatform } from './support/platform.mjs';

let platform;
before(async () => {
  platform = await startPlatform();
});
after(() => platform.close());

const MINUTES = 60_000;

test("signs in once and finds the project that Google's client wrote", async () => {
  const account = await platform.signUp();
  await platform.addOrganisation(account, { projects: ['default', 'my app'] });
  const signIns = countOf('accounts:signInWithPassword');
  const destination = platform.destination(account, { project: 'my app' });

  await destination.connect();
  await destination.connect();

  assert.equal(countOf('accounts:signInWithPassword') - signIns, 1);
});

test("asks for the organisation as Google's client does", async () => {
  const account = await platform.signUp();
  await platform.addOrganisation(account);
  const { requests } = platform.firestore;

  await platform.destination(account).connect();
  const ours = requests.findLast(({ path }) => path.endsWith(':runQuery'));
  const { db } = platform.google;
  const { docs } = await getDocs(
    query(collection(db, 'organisations'), where('users', 'array-contains', account.email)),
  );
  const googles = requests.findLast(({ path }) => path.endsWith(':runQuery'));

  assert.equal(docs.length, 1);
  assert.equal(ours.path, googles.path);
  // Google's client always sends an order.
  const { orderBy: _, ...structuredQuery } = googles.body.structuredQuery;
  assert.deepEqual(ours.body, { structuredQuery });
});

test('finds one project among many, on a later page', async () => {
  const account = await platform.signUp();
  const projects = Array.from({ length: 60 }, (_, index) => `project-${index}`);
  await platform.addOrganisation(account, { projects });

  for (const project of ['project-0', 'project-59', 'project-9']) {
    await platform.destination(account, { project }).connect();
  }
});

test('finds an organisation whatever its name', async () => {
  for (const id of ["o'brien@example.com", '100% Söhne & Co?', '%41#b', '組織']) {
    const account = await platform.signUp();
    await platform.addOrganisation(account, { id });

    await platform.destination(account).connect();
  }
});

test('finds the organisation of an email in another spelling', async () => {
  const account = await platform.signUp();
  await platform.addOrganisation(account);

  await platform.destination(account, { email: account.email.toUpperCase() }).connect();
});

for (const [what, options, message] of [
  ['a wrong password', { password: 'wrong' }, /^wrong email or password, .*\(INVALID_PASSWORD\)$/],
  ['an unknown user', { email: 'nobody@example.com' }, /no such account; sign up at .*\(EMAIL_NOT_FOUND\)$/],
  ['what is no email', { email: 'nobody' }, /^wrong email .*\(INVALID_EMAIL\)$/],
  ['an unknown project', { project: 'mine' }, /has no project "mine"; it has "default", "other"$/],
  ['an archived project', { project: 'old' }, /has no project "old"; it has "default", "other"$/],
]) {
  test(`says what is wrong: ${what}`, async () => {
    const account = await platform.signUp();
    await platform.addOrganisation(account, { projects: ['default', 'other'], archived: ['old'] });

    await assert.rejects(platform.destination(account, options).connect(), { message });
  });
}

test('says what is wrong: a wrong password, when Google hides whether the account exists', async () => {
  const account = await platform.signUp();
  const hide = (isOn) =>
    platform.auth.administer('PATCH', 'v2/projects/{project}/config', {
      emailPrivacyConfig: { enableImprovedEmailPrivacy: isOn },
    });
  await hide(true);

  for (const options of [{ password: 'wrong' }, { email: 'nobody@example.com' }]) {
    await assert.rejects(platform.destination(account, options).connect(), {
      message: /^wrong email or password.*\(INVALID_LOGIN_CREDENTIALS\)$/,
    });
  }
  await hide(false);
});

test('says what is wrong: an account that is disabled', async () => {
  const account = await platform.signUp();
  await platform.auth.administer('POST', 'v1/projects/{project}/accounts:update', {
    localId: account.uid,
    disableUser: true,
  });

  await assert.rejects(platform.destination(account).connect(), {
    message: 'the account is disabled (USER_DISABLED)',
  });
});

test('says what is wrong: an account without an organisation', async () => {
  const account = await platform.signUp();

  await assert.rejects(platform.destination(account).connect(), {
    message: 'the account belongs to no organisation',
  });
});

test('keeps a prompt until the project exists', { timeout: 20_000 }, async () => {
  const account = await platform.signUp();
  const organisation = await platform.addOrganisation(account);
  const client = new TrubricsClient({
    destination: platform.destination(account, { project: 'late' }),
    flushTimeoutMs: 500,
  });
  client.trackPrompt({ id: 'early', prompt: 'Is there a project?', generation: 'Not yet.' });
  await client.flush();
  const [{ state, queued, lastError }] = client.stats().destinations;
  assert.deepEqual({ state, queued }, { state: 'unauthorized', queued: 1 });
  assert.match(lastError, /no project "late"; it has "default"/);

  await setDoc(doc(organisation, 'projects/late'), { archived: false });
  while (client.stats().destinations[0].delivered === 0) await client.flush();

  assert.ok((await getDoc(doc(organisation, 'projects/late/prompts/early'))).exists());
  await client.shutdown();
});

test('refreshes the token before it expires', async (t) => {
  const { client, send, refreshes, refusals } = await connected(t);
  await send('first');
  t.mock.timers.tick(56 * MINUTES);
  await send('second');

  assert.deepEqual([refreshes(), refusals()], [1, 0]);
  await client.shutdown();
});

test('refreshes a token that is refused, and repeats the request', async (t) => {
  // After a sleep of the machine: the monotonic clock stood still.
  const { client, send, refreshes, refusals } = await connected(t, { isAsleep: true });
  await send('first');
  t.mock.timers.tick(61 * MINUTES);
  await send('second');

  assert.deepEqual([refreshes(), refusals()], [1, 1]);
  await client.shutdown();
});

test('says so when the account has gone meanwhile, and keeps the prompts', async (t) => {
  const { client, send } = await connected(t, { flushTimeoutMs: 500 });
  await send('first');
  await deleteUser(platform.google.auth.currentUser);
  client.trackPrompt({ prompt: 'Am I still here?', generation: 'No.' });
  await client.flush();

  const [{ state, queued, lastError }] = client.stats().destinations;
  assert.deepEqual({ state, queued }, { state: 'unauthorized', queued: 1 });
  assert.match(lastError, /^HTTP 401: .*\(EMAIL_NOT_FOUND\)$/);
  await client.shutdown();
});

/** Creates a client of a new account, with clocks that the test moves. */
async function connected(t, { isAsleep = false, flushTimeoutMs } = {}) {
  const account = await platform.signUp();
  await platform.addOrganisation(account);
  t.mock.timers.enable({ apis: ['Date'], now: Date.now() });
  const [start, monotonic] = [Date.now(), performance.now.bind(performance)];
  if (!isAsleep) t.mock.method(performance, 'now', () => monotonic() + (Date.now() - start));
  const client = new TrubricsClient({
    destination: platform.destination(account),
    ...(flushTimeoutMs && { flushTimeoutMs }),
  });
  const [refreshes, refusals] = [countOf('/v1/token'), refused()];
  let sent = 0;
  return {
    client,
    async send(prompt) {
      client.trackPrompt({ prompt, generation: 'An answer.' });
      await client.flush();
      assert.equal(client.stats().destinations[0].delivered, ++sent);
    },
    refreshes: () => countOf('/v1/token') - refreshes,
    refusals: () => refused() - refusals,
  };
}

function countOf(call) {
  return platform.auth.calls.filter((path) => path.endsWith(call)).length;
}

function refused() {
  return platform.firestore.requests.filter(({ status }) => status === 401).length;
}
