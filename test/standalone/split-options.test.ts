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
])('the name %s is taken for a misspelt %s', (name, option) => {
  const { suspects } = splitOptions({ [name]: 'x' }, known);

  expect(suspects.map((suspect) => suspect.option)).toEqual(option === undefined ? [] : [option]);
});

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
