import { describe, expect, test } from 'vitest';
import { variableOf } from '../../src/common/options/define-options.js';
import { MissingOptionError } from '../../src/common/options/missing-option-error.js';
import { OPTIONS, resolveOptions, type TrubricsOptions } from '../../src/config/options.js';
import { TrubricsSpanExporter } from '../../src/otel/exporter.js';
import { TrubricsSpanProcessor } from '../../src/otel/processor.js';

const resolve = (options: unknown, environment: Record<string, string> = {}) =>
  resolveOptions(options as TrubricsOptions, environment);

describe('resolveOptions', () => {
  test('an option comes from code, else from the environment, else from the default', () => {
    expect(resolve({ flushAt: 5 }, { TRUBRICS_FLUSH_AT: '7' }).flushAt).toBe(5);
    expect(resolve({}, { TRUBRICS_FLUSH_AT: '7' }).flushAt).toBe(7);
    expect(resolve({}).flushAt).toBe(20);
  });

  test('flags, lists and texts are read from the environment', () => {
    const options = resolve(
      {},
      {
        TRUBRICS_API_KEY: 'key',
        TRUBRICS_TAGS: 'a, b,',
        TRUBRICS_SYSTEM_PROMPT: 'yes',
        TRUBRICS_DISABLED: '0',
        TRUBRICS_PROJECT: '  ',
      },
    );
    expect(options).toMatchObject({ apiKey: 'key', tags: ['a', 'b'], systemPrompt: true, disabled: false });
    expect(options).not.toHaveProperty('project');
  });

  test.each([
    [
      { flushAt: 0 },
      'Option "flushAt" must be a whole number above 0, not 0. Leave it out for the default, 20.',
    ],
    [{ flushAt: '20' }, 'Option "flushAt" must be a whole number above 0, not "20".'],
    [
      { errors: 'throw' },
      'Option "errors" must be "event", "record" or "skip", not "throw". Leave it out for the default, "event".',
    ],
    [{ tags: 'a' }, 'Option "tags" must be an array of strings, not "a".'],
    [{ redact: true }, 'Option "redact" must be a function, not true.'],
    [{ onDrop: 'console' }, 'Option "onDrop" must be a function, not "console".'],
    [{ maxQueueRecords: 1.5 }, 'Option "maxQueueRecords" must be a whole number above 0, not 1.5.'],
    [{ flushIntervalMs: NaN }, 'Option "flushIntervalMs" must be a whole number above 0, not NaN.'],
    [{ spool: {} }, 'Option "spool" must be the result of fileSpool(), not an object.'],
    [{ meterProvider: {} }, 'Option "meterProvider" must be a MeterProvider, not an object.'],
    [
      { destination: [] },
      'Option "destination" must be a destination, or an array of at least one, not an array.',
    ],
    [{ destination: { name: 'x' } }, 'Option "destination" must be a destination'],
    [{ apiKey: '' }, 'Option "apiKey" must be a non-empty string, not an empty string.'],
    [{ apiKey: 12345 }, 'Option "apiKey" must be a non-empty string, not the value given, of type number.'],
    [{ api_key: 'x' }, 'There is no option "api_key"; did you mean "apiKey"? Options are: apiKey, host,'],
    [{ user_id: 'ada' }, 'There is no option "user_id"; did you mean "userId"? Options are:'],
    ...(
      [
        ['endpont', 'host'],
        ['endpoint', 'host'],
        ['URL', 'host'],
        ['hots', 'host'],
        ['flushIntervall', 'flushIntervalMs'],
        ['flush_interval', 'flushIntervalMs'],
        ['apiKye', 'apiKey'],
        ['key', 'apiKey'],
        ['redcat', 'redact'],
        ['maxQueue', 'maxQueueBytes'],
        ['defaultUser', 'defaultUserId'],
      ] as const
    ).map(([given, meant]): [object, string] => [
      { [given]: 'x' },
      `There is no option "${given}"; did you mean "${meant}"? Options are:`,
    ]),
    [{ metadata: {} }, 'There is no option "metadata". Options are:'],
    [{ '': 1 }, 'There is no option "". Options are:'],
    [
      { userId: 'ada' },
      'Option "userId" must be a function, not "ada". For one user of the whole process, set defaultUserId; for the users of requests, see withTrubrics().',
    ],
    [
      { threadId: 't' },
      'Option "threadId" must be a function, not "t". For the conversations of requests, see withTrubrics().',
    ],
    [['x'], 'The options must be an object, not an array.'],
    [null, 'The options must be an object, not null.'],
  ])('the options %j are refused with what is wrong', (options, message) => {
    expect(() => resolve(options)).toThrow(TypeError);
    expect(() => resolve(options)).toThrow(message);
  });

  test('an error does not repeat a key that was given in place of the options', () => {
    expect(() => resolve('key-that-nobody-may-see')).toThrow('The options must be an object, not a string.');
  });

  test('an error names the environment variable that is wrong', () => {
    expect(() => resolve({}, { TRUBRICS_FLUSH_AT: 'many' })).toThrow(
      'Environment variable TRUBRICS_FLUSH_AT must be a whole number above 0, not "many". Unset it for the default, 20.',
    );
  });

  test('no option has a default that leads to another machine', () => {
    expect(JSON.stringify(resolve({}))).not.toMatch(/https?:/);
  });

  test('no two options have the same environment variable', () => {
    const names = Object.entries(OPTIONS).flatMap(([name, spec]) => variableOf(name, spec) ?? []);
    expect(new Set(names).size).toBe(names.length);
  });
});

describe.each([
  ['TrubricsSpanProcessor', TrubricsSpanProcessor],
  ['TrubricsSpanExporter', TrubricsSpanExporter],
])('%s', (name, EntryPoint) => {
  test(`${name} says what to set, and how to work without it, when a remote host has no key`, () => {
    const open = () => new EntryPoint({ host: 'https://trubrics.example.com/api/ingestion' });
    expect(open).toThrow(TypeError);
    expect(open).toThrow(/TRUBRICS_API_KEY/);
    expect(open).toThrow(/npx opentelemetry-exporter-trubrics dev/);
  });

  test(`${name} with a key but no host names the local server and the hosted one`, () => {
    for (const options of [{ apiKey: 'key' }, {}, { apiKey: 'key', email: 'a@b.c' }]) {
      const open = () => new EntryPoint(options);
      expect(open).toThrow(MissingOptionError);
      expect(open).toThrow(
        /^Option "host" is missing.*npx opentelemetry-exporter-trubrics dev.*TRUBRICS_CLOUD/,
      );
    }
  });

  test(`${name} needs no key for the local server or when it is disabled`, () => {
    expect(() => new EntryPoint({ host: 'http://127.0.0.1:1/api/ingestion' })).not.toThrow();
    expect(() => new EntryPoint({ disabled: true })).not.toThrow();
  });
});
