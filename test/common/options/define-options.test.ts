import { expect, test } from 'vitest';
import { defineOptions, type OptionTable } from '../../../src/common/options/define-options.js';
import { MissingOptionError, missingOption } from '../../../src/common/options/missing-option-error.js';
import {
  count,
  flag,
  parseFlag,
  parseList,
  text,
  texts,
  trubricsVariable,
} from '../../../src/common/options/option-kinds.js';

interface Options {
  readonly name: string;
  readonly secret?: string;
  readonly size?: number;
  readonly isQuiet?: boolean;
  readonly tags?: readonly string[];
}

const TABLE = {
  name: { env: 'TEST_NAME', required: missingOption, ...text, advice: 'Ask the administrator.' },
  secret: { env: 'TEST_SECRET', secret: true, ...text },
  size: { env: 'TEST_SIZE', default: 20, ...count },
  isQuiet: { env: 'TEST_IS_QUIET', parse: parseFlag, ...flag },
  tags: { env: 'TEST_TAGS', default: [], parse: parseList, ...texts },
} as const satisfies OptionTable<Options>;

const resolve = defineOptions<Options, typeof TABLE>(TABLE);

test('options come from code, then from the environment, then from the defaults', () => {
  const environment = { TEST_SIZE: '7', TEST_IS_QUIET: 'on', TEST_TAGS: ' a, b,', TEST_NAME: 'n' };
  expect(resolve({ name: 'x', size: 5 }, environment)).toEqual({
    name: 'x',
    size: 5,
    isQuiet: true,
    tags: ['a', 'b'],
  });
  expect(resolve({ name: undefined, size: undefined }, environment)).toMatchObject({ name: 'n', size: 7 });
  expect(resolve({ name: 'x' }, { TEST_SIZE: '  ' })).toEqual({ name: 'x', size: 20, tags: [] });
});

test('an option that is not given and has no default is no property of the result', () => {
  expect(resolve({ name: 'x', isQuiet: undefined }, {})).not.toHaveProperty('isQuiet');
});

test.each<[object, Record<string, string>, string]>([
  [
    { name: 'x', size: 'many' },
    {},
    'Option "size" must be a whole number above 0, not "many". Leave it out for the default, 20.',
  ],
  [
    { name: 'x' },
    { TEST_SIZE: 'many' },
    'Environment variable TEST_SIZE must be a whole number above 0, not "many". Unset it for the default, 20.',
  ],
  [{ name: 7 }, {}, 'Option "name" must be a non-empty string, not 7. Ask the administrator.'],
  [
    {},
    {},
    'Option "name" is missing. Set it, or the environment variable TEST_NAME. It must be a non-empty string. Ask the administrator.',
  ],
  [
    { name: 'x', Size: 1 },
    {},
    'There is no option "Size"; did you mean "size"? Options are: name, secret, size, isQuiet, tags.',
  ],
  [{ name: 'x', tags: [1] }, {}, 'Option "tags" must be an array of strings, not an array.'],
])('the options %j with the environment %j are refused by name, with what to do', (options, env, message) => {
  const attempt = () => resolve(options as Options, env);
  expect(attempt).toThrow(TypeError);
  expect(attempt).toThrow(expect.objectContaining({ message }) as Error);
});

test('a missing option is a MissingOptionError', () => {
  expect(() => resolve({ name: undefined }, {})).toThrow(MissingOptionError);
});

test('the message for a wrong secret does not repeat it', () => {
  const messageFor = (value: unknown): string => {
    try {
      resolve({ name: 'x', secret: value as string }, {});
      return 'accepted';
    } catch (error) {
      return (error as Error).message;
    }
  };
  expect(messageFor(['s3cret'])).toBe(
    'Option "secret" must be a non-empty string, not the value given, of type object.',
  );
});

test('nested options are named with the option that contains them', () => {
  const nested = defineOptions<Options, typeof TABLE>(TABLE, 'limits');
  expect(() => nested({ name: 'x', size: 0 }, {})).toThrow('Option "limits.size" must be');
  expect(() => nested('x' as never, {})).toThrow('Option "limits" must be an object, not a string.');
});

test('the environment variable of an option can be made from its name', () => {
  const table = { flushAtMost: { env: trubricsVariable, ...count, required: missingOption } } as const;
  const resolveCount = defineOptions<{ readonly flushAtMost: number }, typeof table>(table);
  expect(resolveCount({ flushAtMost: undefined }, { TRUBRICS_FLUSH_AT_MOST: '7' })).toEqual({
    flushAtMost: 7,
  });
  for (const environment of [{ TRUBRICS_FLUSH_AT_MOST: 'many' }, {}])
    expect(() => resolveCount({ flushAtMost: undefined }, environment)).toThrow(
      /nvironment variable TRUBRICS_FLUSH_AT_MOST(?= must be|\.)/,
    );
});
