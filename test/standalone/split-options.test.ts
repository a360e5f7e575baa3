import { expect, test } from 'vitest';
import { splitOptions } from '../../src/standalone/split-options.js';

const known = {
  handler: new Set(['userId', 'threadId', 'tags', 'metadata', 'content']),
  processor: new Set(['apiKey', 'host', 'password', 'project', 'userId', 'threadId', 'tags', 'flushAt']),
  secrets: new Set(['apiKey', 'password']),
};

test('options go to the part that takes them', () => {
  const split = splitOptions(
    { project: 'default', tags: ['chat model'], userId: 'u-1', flushAt: 1, content: undefined },
    known,
  );

  expect(split).toEqual({
    handler: { tags: ['chat model'], userId: 'u-1' },
    processor: { project: 'default', flushAt: 1 },
    suspects: [],
  });
});

test('a userId that is a function goes to the processor', () => {
  const userId = () => 'ada';

  expect(splitOptions({ userId }, known)).toMatchObject({ handler: {}, processor: { userId } });
});

test('an unknown option becomes metadata, and metadata given by its name wins', () => {
  const { handler, suspects } = splitOptions(
    {
      user_id: 'u-1',
      session_id: 's-1',
      some_metadata: { hello: [1, 2] },
      plan: 'free',
      metadata: { plan: 'pro' },
    },
    known,
  );

  expect(handler).toEqual({
    metadata: { user_id: 'u-1', session_id: 's-1', some_metadata: { hello: [1, 2] }, plan: 'pro' },
  });
  expect(suspects).toEqual([]);
});

test.each([
  ['tag', 'tags'],
  ['user', undefined],
  ['userID', 'userId'],
  ['flush_at', 'flushAt'],
  ['projcet', 'project'],
  ['metdata', 'metadata'],
  ['sesion_id', 'session_id'],
  ['plan', undefined],
  ['release', undefined],
  ['cost', undefined],
  ['post', undefined],
  ['subject', undefined],
  ['context', undefined],
  ['hsot', 'host'],
  ['hots', 'host'],
  ['contnt', 'content'],
  ['proejct', 'project'],
  ['projectt', 'project'],
  ['Thread-ID', 'threadId'],
  ['thread', undefined],
  ['constant', undefined],
  ['most', undefined],
])('the name %s is taken for a misspelt %s', (name, option) => {
  const { suspects } = splitOptions({ [name]: 'x' }, known);

  expect(suspects.map((suspect) => suspect.option)).toEqual(option === undefined ? [] : [option]);
});

test('a name near an option is metadata if the option does not take its value', () => {
  const accepts = (option: string, value: unknown): boolean => option !== 'host' || typeof value === 'string';

  expect(splitOptions({ hots: 3 }, { ...known, accepts })).toEqual({
    handler: { metadata: { hots: 3 } },
    processor: {},
    suspects: [],
  });
});

test.each([
  'api_key',
  'APIKEY',
  'apikye',
  'apkey',
  'apiKeys',
  'appKey',
  'passwort',
  'Passwrod',
  'pass_word',
  'passwords',
])('the name %s is so near a secret that its value is withheld', (name) => {
  const { handler, suspects } = splitOptions({ [name]: 'secret' }, known);

  expect(handler).toEqual({});
  expect(suspects).toMatchObject([{ withheld: true }]);
});

test.each(['passport', 'passcode', 'pace', 'appetite'])(
  'the name %s is metadata, not a misspelt secret',
  (name) => {
    expect(splitOptions({ [name]: 'x' }, known)).toMatchObject({
      handler: { metadata: { [name]: 'x' } },
      suspects: [],
    });
  },
);

test('a misspelt key or password never becomes metadata', () => {
  const { handler, suspects } = splitOptions({ api_key: 'secret', pasword: 'secret', plan: 'free' }, known);

  expect(handler).toEqual({ metadata: { plan: 'free' } });
  expect(suspects).toEqual([
    { name: 'api_key', option: 'apiKey', withheld: true },
    { name: 'pasword', option: 'password', withheld: true },
  ]);
});

test('metadata of a wrong type is left for the handler to refuse', () => {
  expect(splitOptions({ metadata: 'x', plan: 'free' }, known).handler).toEqual({ metadata: 'x' });
});
