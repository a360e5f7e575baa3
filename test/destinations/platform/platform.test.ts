import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Delivery } from '../../../src/delivery/delivery.js';
import type { Entry } from '../../../src/destinations/destination.js';
import {
  trubricsPlatform,
  type TrubricsPlatformOptions,
} from '../../../src/destinations/platform/platform.js';
import { toFirestoreFields, toFirestoreValue } from '../../../src/destinations/platform/firestore-value.js';
import type { PropertyValue } from '../../../src/records/model/prompt-record.js';
import { eventEntry, promptEntries, promptEntry, promptRecord } from '../../support/entries.js';
import { EMAIL, FIREBASE_KEY, type FakePlatform } from '../../support/fake-platform.js';
import { useDelivery } from '../../support/use-delivery.js';
import { platformDestination, useFakePlatform } from '../../support/use-fake-platform.js';

let platform: FakePlatform;
beforeEach(async () => {
  platform = await useFakePlatform();
});
afterEach(() => void vi.unstubAllEnvs());

function open(options: Partial<TrubricsPlatformOptions> = {}): Delivery {
  return useDelivery(destination(options));
}

function destination(options: Partial<TrubricsPlatformOptions> = {}) {
  return platformDestination(platform, options);
}

const PROJECT =
  'projects/trubrics-streamlit/databases/(default)/documents/organisations/org-1/projects/default';

function documentsIn(collection: string) {
  const prefix = `${PROJECT}/${collection}/`;
  return [...platform.documents.values()]
    .filter(({ path }) => path.startsWith(prefix))
    .map(({ path, fields }) => ({ id: path.slice(prefix.length), fields }));
}

function feedback(properties: Record<string, PropertyValue>): Entry {
  return {
    kind: 'event',
    event: {
      id: 'feedback-1',
      event: 'Feedback',
      userId: 'user-1',
      timestamp: '2026-11-22T10:00:00.000Z',
      properties,
    },
  };
}

describe('trubricsPlatform', () => {
  test('trubricsPlatform signs in, finds the project, and saves a prompt as its Python client does', async () => {
    const delivery = open();
    delivery.accept({
      kind: 'prompt',
      record: promptRecord({
        id: 'trace-span',
        threadId: 'thread-1',
        tags: ['langchain'],
        properties: { temperature: 1, prompt_template: 'Q: {prompt}', provider: 'openai', input_tokens: 7 },
      }),
    });
    await delivery.flush();
    expect(platform.calls.map(({ method, path }) => `${method} ${path.split('/').at(-1)}`)).toEqual([
      'POST accounts:signInWithPassword',
      'POST documents:runQuery',
      'GET projects',
      'POST prompts',
    ]);
    expect(documentsIn('prompts')).toEqual([
      {
        id: 'trace-span',
        fields: {
          config_model: {
            mapValue: {
              fields: {
                model: { stringValue: 'gpt-4o-mini' },
                prompt_template: { stringValue: 'Q: {prompt}' },
                temperature: { doubleValue: 1 },
              },
            },
          },
          prompt: { stringValue: 'Why is the sky blue?' },
          generation: { stringValue: 'Because of Rayleigh scattering.' },
          created_on: { timestampValue: '2026-11-22T10:00:00.000Z' },
          user_id: { stringValue: 'user-1' },
          session_id: { stringValue: 'thread-1' },
          tags: { arrayValue: { values: [{ stringValue: 'langchain' }] } },
          metadata: {
            mapValue: {
              fields: {
                provider: { stringValue: 'openai' },
                input_tokens: { integerValue: '7' },
                latency: { doubleValue: 1.25 },
              },
            },
          },
        },
      },
    ]);
  });

  test('trubricsPlatform signs in and looks up the project once for many prompts', async () => {
    const delivery = open();
    for (const entry of promptEntries(150)) delivery.accept(entry);
    await delivery.flush();
    expect(documentsIn('prompts')).toHaveLength(150);
    expect(platform.calls.filter(({ path }) => !path.endsWith('/prompts'))).toHaveLength(3);
  });

  test('trubricsPlatform does not save a prompt twice when the first response is lost', async () => {
    platform.faults.push(undefined, 'reset-after-saving');
    const delivery = open();
    for (const entry of promptEntries(3)) delivery.accept(entry);
    await delivery.flush();
    expect(delivery.stats()).toMatchObject({ delivered: 3 });
    expect(
      documentsIn('prompts')
        .map(({ id }) => id)
        .sort(),
    ).toEqual(['id-0', 'id-1', 'id-2']);
    expect(platform.calls.some(({ status }) => status === 409)).toBe(true);
  });

  test('a document that is refused for good is dropped, and the others are saved', async () => {
    const body = { error: { code: 400, message: 'Invalid value', status: 'INVALID_ARGUMENT' } };
    platform.faults.push(undefined, { status: 400, body });
    const delivery = open();
    for (const entry of promptEntries(3)) delivery.accept(entry);
    await delivery.flush();
    expect(delivery.stats()).toMatchObject({
      delivered: 2,
      dropped: { invalid: 1 },
      lastError: 'HTTP 422: INVALID_ARGUMENT',
    });
  });

  test('trubricsPlatform retries writes that fail for the moment', async () => {
    const aborted = { error: { code: 409, message: 'Too much contention', status: 'ABORTED' } };
    platform.faults.push({ status: 503 }, { status: 429 }, { status: 409, body: aborted });
    const delivery = open();
    for (const entry of promptEntries(3)) delivery.accept(entry);
    await delivery.flush();
    expect(documentsIn('prompts')).toHaveLength(3);
  });

  test('trubricsPlatform refreshes the token before it expires, without the password', async () => {
    platform.tokenLifetimeS = 0.2;
    const delivery = open();
    delivery.accept(promptEntry('a'));
    await delivery.flush();
    await new Promise((resolve) => setTimeout(resolve, 150));
    delivery.accept(promptEntry('b'));
    await delivery.flush();
    const logins = platform.calls.filter(({ path }) => !path.startsWith('/firestore'));
    expect(logins.map(({ path }) => path)).toEqual([
      '/identity/v1/accounts:signInWithPassword',
      '/token/v1/token',
    ]);
    expect(documentsIn('prompts')).toHaveLength(2);
  });

  test('a token that is refused early is refreshed, or replaced by a new sign-in', async () => {
    const delivery = open();
    delivery.accept(promptEntry('a'));
    await delivery.flush();
    platform.revokeTokens();
    delivery.accept(promptEntry('b'));
    await delivery.flush();
    platform.revokeTokens();
    platform.revokeRefreshTokens();
    delivery.accept(promptEntry('c'));
    await delivery.flush();
    expect(documentsIn('prompts').map(({ id }) => id)).toEqual(['a', 'b', 'c']);
    expect(delivery.stats()).toMatchObject({ delivered: 3 });
  });

  test('prompts are kept while the password is wrong, and the reason is shown', async () => {
    const delivery = open({ password: 'wrong' });
    delivery.accept(promptEntry('a'));
    await delivery.flush(500);
    expect(delivery.stats()).toMatchObject({ state: 'unauthorized', queued: 1, delivered: 0 });
    expect(delivery.stats().lastError).toMatch(/^HTTP 401: wrong email or password.*INVALID_PASSWORD/);
    platform.password = 'wrong';
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    await delivery.flush();
    expect(delivery.stats()).toMatchObject({ state: 'sending', delivered: 1 });
  });

  test.each([
    [{ password: 'wrong' }, /wrong email or password.*\(INVALID_PASSWORD\)/],
    [{ email: 'nobody@example.com' }, /\(EMAIL_NOT_FOUND\)/],
    [{ firebaseApiKey: 'other' }, /the Firebase web key is not valid \(INVALID_ARGUMENT\)/],
    [{ project: 'mine' }, /no project "mine"; it has "default", "other"/],
  ])('connect() rejects the account %j with what is wrong', async (options, message) => {
    platform.addProject('other');
    platform.addProject('old', true);
    await expect(destination(options).connect()).rejects.toThrow(message);
  });

  test('trubricsPlatform finds the organisation by the email as the service spells it', async () => {
    const { endpoints } = await useFakePlatform("o'brien & söhne, 100%");
    await expect(destination({ email: 'Ada@Example.com', endpoints }).connect()).resolves.toBeUndefined();
  });

  test('trubricsPlatform finds a project on the second page', async () => {
    for (let index = 0; index < 60; index++) platform.addProject(`project-${index}`);
    await expect(destination({ project: 'project-59' }).connect()).resolves.toBeUndefined();
  });

  test.each([
    [
      { score: 1, comment: 'good' },
      { type: 'thumbs', score: '👍', text: 'good' },
    ],
    [{ score: 0 }, { type: 'thumbs', score: '👎', text: null }],
    [
      { label: '🙂', score: 0.75 },
      { type: 'faces', score: '🙂', text: null },
    ],
    [{ comment: 'meh' }, { type: 'textbox', score: null, text: 'meh' }],
  ])('trubricsPlatform saves feedback %j to its component', async (properties, expected) => {
    const delivery = open();
    delivery.accept(feedback({ ...properties, record_id: 'trace-span' }));
    await delivery.flush();
    const value = (text: string | null) => (text === null ? { nullValue: null } : { stringValue: text });
    expect(documentsIn('feedback/default/responses')).toMatchObject([
      {
        id: 'feedback-1',
        fields: {
          component: { stringValue: 'default' },
          user_response: {
            mapValue: {
              fields: {
                type: value(expected.type),
                score: value(expected.score),
                text: value(expected.text),
              },
            },
          },
          prompt_id: { stringValue: 'trace-span' },
          user_id: { stringValue: 'user-1' },
        },
      },
    ]);
  });

  test('feedback for an unknown component is dropped with the known ones, and so are other events', async () => {
    const delivery = open();
    delivery.accept(feedback({ score: 1, component: 'chat' }));
    delivery.accept(eventEntry('sign-up'));
    await delivery.flush();
    expect(delivery.stats()).toMatchObject({
      dropped: { invalid: 1, unsupported: 1 },
      lastError: 'HTTP 422: the project has no feedback component "chat"; it has "default"',
    });
  });

  test('trubricsPlatform converts ids, names and values that Firestore does not accept', async () => {
    const delivery = open();
    const properties = {
      '': 1,
      __reserved__: 'x',
      nested: [[1, 2], [3]],
      'a.b/c': null,
      big: 1e300,
      zero: -0,
    };
    const long = 'å'.repeat(300);
    for (const id of ['a/b', '..', '__x__', 'ü~%7E', `${long}1`, `${long}2`]) {
      delivery.accept({ kind: 'prompt', record: promptRecord({ id, properties }) });
    }
    await delivery.flush();
    const ids = documentsIn('prompts').map(({ id }) => id);
    expect(ids.slice(0, 4)).toEqual(['a~2Fb', '~2E.', '~5F_x__', '~C3~BC~7E~257E']);
    expect(new Set(ids).size).toBe(6);
    expect(Math.max(...ids.map((id) => id.length))).toBeLessThan(1_500);
  });

  test('trubricsPlatform takes account, key and project from the environment', async () => {
    platform.addProject('other');
    vi.stubEnv('TRUBRICS_EMAIL', EMAIL);
    vi.stubEnv('TRUBRICS_PASSWORD', 'correct horse');
    vi.stubEnv('TRUBRICS_FIREBASE_API_KEY', FIREBASE_KEY);
    vi.stubEnv('TRUBRICS_PROJECT', 'other');
    const own = trubricsPlatform({ endpoints: platform.endpoints });
    await expect(own.connect()).resolves.toBeUndefined();
    expect(own.name).toBe('trubrics-platform:other');
    vi.stubEnv('TRUBRICS_EMAIL', '  ');
    expect(() => trubricsPlatform({ endpoints: platform.endpoints })).toThrow('Option "email" is missing.');
  });

  test('trubricsPlatform shows neither password nor key when it is printed', () => {
    expect(inspect(destination(), { depth: 9, showHidden: true })).not.toMatch(/correct horse|fake-web-key/);
  });

  test.each([
    [{ email: undefined }, 'Option "email" is missing. Set it, or the environment variable TRUBRICS_EMAIL.'],
    [{ password: undefined }, 'environment variable TRUBRICS_PASSWORD'],
    [{ firebaseApiKey: undefined }, 'trubrics/platform/config.py'],
    [
      { project: 5 },
      'Option "project" must be a non-empty string, not 5. Leave it out for the default, "default".',
    ],
    [
      { mail: 'a@b.c' },
      'There is no option "mail"; did you mean "email"? Options are: email, password, project, ',
    ],
    [
      { endpoints: { identify: 'https://example.com' } },
      'There is no option "endpoints.identify"; did you mean "identity"? Options are: identity, token, firestore.',
    ],
    [{ endpoints: 'https://example.com' }, 'Option "endpoints" must be an object, not a string.'],
    [
      { endpoints: { firestore: 'http://example.com' } },
      'Option "endpoints.firestore" must be an https URL, or an http URL of this machine, not "http://example.com".',
    ],
  ])('trubricsPlatform refuses the options %j with what is wrong', (options, message) => {
    expect(() => destination(options as never)).toThrow(TypeError);
    expect(() => destination(options as never)).toThrow(message);
  });
});

describe('toFirestoreValue', () => {
  // The values that Google's lite client sends, except for null, which the Python client sends as null.
  test.each<[PropertyValue, unknown]>([
    [null, { nullValue: null }],
    ['text', { stringValue: 'text' }],
    [true, { booleanValue: true }],
    [2, { integerValue: '2' }],
    [2.5, { doubleValue: 2.5 }],
    [
      { a: { b: 1 } },
      { mapValue: { fields: { a: { mapValue: { fields: { b: { integerValue: '1' } } } } } } },
    ],
    [['x', 1], { arrayValue: { values: [{ stringValue: 'x' }, { integerValue: '1' }] } }],
    [[], { arrayValue: { values: [] } }],
    [[null, [1]], { arrayValue: { values: [{ nullValue: null }, { stringValue: '[1]' }] } }],
    [2 ** 53, { doubleValue: 2 ** 53 }],
  ])('toFirestoreValue() encodes %j', (value, expected) => {
    expect(toFirestoreValue(value)).toEqual(expected);
  });
});

describe('toFirestoreFields', () => {
  test.each([
    ['', '_'],
    ['__a__', '_a__'],
    ['_____', '_'],
    ['___a__', '_a__'],
    [`__${'a'.repeat(371)}__b`, `_${'a'.repeat(371)}__`],
    ['🦆'.repeat(200), '🦆'.repeat(187)],
    ['__a', '__a'],
  ])('toFirestoreFields() names %j %j', (name, expected) => {
    expect(Object.keys(toFirestoreFields({ [name]: 1 }))).toEqual([expected]);
  });
});
