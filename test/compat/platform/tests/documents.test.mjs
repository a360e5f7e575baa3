// Tests of prompts and feedback as documents, which Google's client reads, and writes for comparison.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { collection, doc, getDoc, getDocs, setDoc, Timestamp } from 'firebase/firestore/lite';
import { TrubricsClient } from 'opentelemetry-exporter-trubrics';
import { startPlatform } from './support/platform.mjs';
import { lastWritten } from './support/wire-form.mjs';

let platform;
before(async () => {
  platform = await startPlatform();
});
after(() => platform.close());

const TIME = '2026-11-22T10:00:00.250Z';
const timestamp = Timestamp.fromDate(new Date(TIME));

/** Each kind of value, in a record and in a document. */
const PROPERTIES = {
  text: 'Ädelgås 🦆 "quoted" \\ \n',
  empty: '',
  yes: true,
  no: false,
  nothing: null,
  integer: 42,
  negative: -7,
  zero: 0,
  largest: Number.MAX_SAFE_INTEGER,
  beyond: 2 ** 60,
  fraction: 0.1,
  tiny: 5e-324,
  'a.b/c `d`': 'name',
  list: ['text', 1, 1.5, true, null, { in: 'map' }],
  noList: [],
  map: { inner: { text: 'deep', list: [1], none: null }, noMap: {} },
};

for (const [what, input, expected] of [
  [
    'with everything',
    {
      userId: 'ada',
      threadId: 'thread-1',
      assistantId: 'gpt-4o-mini',
      tags: ['langchain', 'blå'],
      latency: 1.25,
      properties: { ...PROPERTIES, temperature: 0.7, prompt_template: 'Q: {prompt}' },
    },
    {
      config_model: { model: 'gpt-4o-mini', prompt_template: 'Q: {prompt}', temperature: 0.7 },
      user_id: 'ada',
      session_id: 'thread-1',
      tags: ['langchain', 'blå'],
      metadata: { ...PROPERTIES, latency: 1.25 },
    },
  ],
  [
    'with nothing that can be left out',
    {},
    {
      config_model: { model: 'unknown', prompt_template: '{prompt}', temperature: null },
      user_id: 'anonymous',
      session_id: null,
      tags: [],
      metadata: { latency: 0 },
    },
  ],
]) {
  test(`a prompt ${what} is the document that Google's client writes, and reads`, async () => {
    const { prompts, client } = await openProject();
    client.trackPrompt({ id: 'p', prompt: 'Why?', generation: 'Because.', timestamp: TIME, ...input });
    await client.shutdown();
    const document = { prompt: 'Why?', generation: 'Because.', created_on: timestamp, ...expected };

    await assertSameAsGoogles(doc(prompts, 'p'), document);
  });
}

for (const [what, input, response, metadata] of [
  [
    'thumbs',
    { score: '👎', comment: 'too short' },
    { type: 'thumbs', score: '👎', text: 'too short' },
    { feedback_type: 'thumbs', score: -1 },
  ],
  [
    'faces',
    { score: '🙂' },
    { type: 'faces', score: '🙂', text: null },
    { feedback_type: 'faces', score: 0.5 },
  ],
  [
    'text',
    { comment: 'could be shorter', properties: { page: 3 } },
    { type: 'textbox', score: null, text: 'could be shorter' },
    { feedback_type: 'textbox', page: 3 },
  ],
]) {
  test(`feedback, ${what}, is the document that Google's client writes, and reads`, async () => {
    const { responses, client } = await openProject();
    client.trackFeedback({ recordId: 'p', userId: 'ada', timestamp: TIME, ...input });
    await client.shutdown();

    const [{ ref }] = (await getDocs(responses)).docs;
    await assertSameAsGoogles(ref, {
      component: 'default',
      model: 'unknown',
      user_response: response,
      created_on: timestamp,
      prompt_id: 'p',
      user_id: 'ada',
      tags: [],
      metadata,
    });
  });
}

test('a temperature is a floating-point number even when it is whole', async () => {
  const { prompts, client } = await openProject();
  client.trackPrompt({ id: 'p', prompt: 'Why?', generation: 'Because.', properties: { temperature: 1 } });
  await client.shutdown();

  const { config_model: model } = lastWritten(platform.firestore.requests);
  assert.deepEqual(model.mapValue.fields.temperature, { doubleValue: 1 });
  assert.equal((await getDoc(doc(prompts, 'p'))).data().config_model.temperature, 1);
});

const LONG = '🦆'.repeat(1_000);

for (const name of [
  '',
  '__a__',
  '___',
  '____',
  '_____',
  '___x__',
  LONG,
  `__${LONG}__`,
  `__${'x'.repeat(371)}__y`,
  'a\n.b',
  '..',
]) {
  test(`a property named ${JSON.stringify(name.slice(0, 10))} gets a name that Google's client would take`, async () => {
    const { prompts, client } = await openProject();
    const properties = { [name]: 'kept', map: { [name]: 'kept' }, list: [{ [name]: 'kept' }] };
    client.trackPrompt({ id: 'p', prompt: 'Why?', generation: 'Because.', properties });
    await client.shutdown();

    const { metadata } = (await getDoc(doc(prompts, 'p'))).data();
    const sent = lastWritten(platform.firestore.requests).metadata.mapValue.fields;
    assert.deepEqual(Object.keys(metadata).toSorted(), Object.keys(sent).toSorted());
    const { latency: _, map, list, ...rest } = metadata;
    for (const members of [rest, map, list[0]]) {
      assert.deepEqual(Object.values(members), ['kept']);
      assert.ok(Buffer.byteLength(Object.keys(members)[0]) <= 1_500);
    }
    await setDoc(doc(prompts, 'by-google'), { metadata });
  });
}

test('what Firestore or JSON does not have becomes text: a list in a list, NaN, BigInt', async () => {
  const { prompts, client } = await openProject();
  const properties = { matrix: [[1, 2], [3, [4]], { in: [[5]] }], odd: [undefined, NaN, 1n, new Date(0)] };
  client.trackPrompt({ id: 'p', prompt: 'Why?', generation: 'Because.', properties });
  await client.shutdown();

  const { latency: _, ...metadata } = (await getDoc(doc(prompts, 'p'))).data().metadata;
  assert.deepEqual(metadata, {
    matrix: ['[1,2]', '[3,[4]]', { in: ['[5]'] }],
    odd: [null, 'NaN', '1', '1970-01-01T00:00:00.000Z'],
  });
  await setDoc(doc(prompts, 'by-google'), { metadata });
});

test("any id is one that Google's client can ask for, and different ids are different documents", async () => {
  const long = 'å'.repeat(900);
  const ids = [
    'a/b',
    'a~2Fb',
    '.',
    '..',
    '~2E',
    'id-..',
    '__x__',
    '%2F',
    'ü',
    '?#&',
    ' ',
    `${long}1`,
    `${long}2`,
  ];
  const { prompts, client } = await openProject();
  for (const [index, id] of ids.entries()) client.trackPrompt({ id, prompt: `${index}`, generation: 'Yes.' });
  await client.shutdown();

  const { docs } = await getDocs(prompts);
  const asked = new Set(docs.map((document) => Number(document.data().prompt)));
  assert.deepEqual(asked, new Set(ids.keys()));
  for (const { id } of docs) {
    assert.ok((await getDoc(doc(prompts, id))).exists());
    assert.ok(Buffer.byteLength(id) <= 1_500);
  }
});

test('a prompt whose answer got lost is repeated, and there once', async () => {
  let losses = 1;
  const { prompts, client } = await openProject({
    async fetch(url, init) {
      const response = await fetch(url, init);
      if (url.includes('/prompts?') && losses-- > 0) throw new TypeError('fetch failed');
      return response;
    },
  });
  for (const id of ['a', 'b', 'c']) client.trackPrompt({ id, prompt: id, generation: 'Because.' });
  await client.shutdown();

  assert.equal(client.stats().destinations[0].delivered, 3);
  assert.deepEqual(
    (await getDocs(prompts)).docs.map(({ id }) => id),
    ['a', 'b', 'c'],
  );
  assert.ok(platform.firestore.requests.some(({ status }) => status === 409));
});

test('a prompt that another process has delivered counts as delivered, and stays as it is', async () => {
  const { prompts, account } = await openProject();
  for (const generation of ['first', 'second']) {
    const client = new TrubricsClient({ destination: platform.destination(account) });
    client.trackPrompt({ id: 'p', prompt: 'Why?', generation });
    await client.shutdown();
    assert.equal(client.stats().destinations[0].delivered, 1);
  }

  const { docs } = await getDocs(prompts);
  assert.deepEqual(
    docs.map((document) => document.data().generation),
    ['first'],
  );
});

test('feedback for a component that does not exist is dropped, naming those that do', async () => {
  const { organisation, client } = await openProject();
  await setDoc(doc(organisation, 'projects/default/feedback/chat'), { archived: false });
  await setDoc(doc(organisation, 'projects/default/feedback/old'), { archived: true });
  client.trackFeedback({ recordId: 'p', score: '👍', component: 'chat' });
  client.trackFeedback({ recordId: 'p', score: '👍', component: 'old' });
  await client.shutdown();

  const [{ delivered, dropped, lastError }] = client.stats().destinations;
  assert.deepEqual([delivered, dropped.invalid], [1, 1]);
  assert.match(lastError, /no feedback component "old"; it has "chat", "default"$/);
  assert.equal((await getDocs(collection(organisation, 'projects/default/feedback/chat/responses'))).size, 1);
});

async function openProject(options) {
  const account = await platform.signUp();
  const organisation = await platform.addOrganisation(account);
  return {
    account,
    organisation,
    prompts: collection(organisation, 'projects/default/prompts'),
    responses: collection(organisation, 'projects/default/feedback/default/responses'),
    client: new TrubricsClient({ destination: platform.destination(account, options) }),
  };
}

/** Asserts that Google's client reads the data from the document and writes them in the same form. */
async function assertSameAsGoogles(reference, data) {
  const ours = lastWritten(platform.firestore.requests);
  assert.deepEqual((await getDoc(reference)).data(), data);
  await setDoc(doc(reference.parent, 'by-google'), data);
  assert.deepEqual(ours, lastWritten(platform.firestore.requests));
}
