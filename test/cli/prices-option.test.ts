import { expect, test } from 'vitest';
import { readDevOptions } from '../../src/cli/dev/dev-options.js';
import { readServeOptions } from '../../src/cli/serve/serve-options.js';
import { serve } from '../../src/cli/serve/serve.js';

test('the file of own prices comes from --prices, else from TRUBRICS_PRICES', () => {
  const environment = { TRUBRICS_PRICES: 'from-environment.json' };
  expect(readDevOptions([], environment).prices).toBe('from-environment.json');
  expect(readDevOptions(['--prices', 'own.json'], environment).prices).toBe('own.json');
  expect(readDevOptions([], { TRUBRICS_PRICES: '' }).prices).toBeUndefined();
  expect(() => readDevOptions(['--prices', ''], {})).toThrow('--prices must not be empty');
  expect(readServeOptions(['--store', 'memory'], environment)?.prices).toBe('from-environment.json');
  expect(readServeOptions(['--store', 'memory', '--prices', 'own.json'], environment)?.prices).toBe(
    'own.json',
  );
});

test('the property that names organizations comes from --organization-property, else from the environment', () => {
  const environment = { TRUBRICS_ORGANIZATION_PROPERTY: 'tenant' };
  const option = ['--organization-property', 'customer'];
  expect(readDevOptions([], environment).organizationProperty).toBe('tenant');
  expect(readDevOptions(option, environment).organizationProperty).toBe('customer');
  expect(readDevOptions([], {}).organizationProperty).toBeUndefined();
  const serveWith = (...args: string[]) => readServeOptions(['--store', 'memory', ...args], environment);
  expect(serveWith()?.organizationProperty).toBe('tenant');
  expect(serveWith(...option)?.organizationProperty).toBe('customer');
});

test('a file of own prices that is not there ends the start of serve with a line', async () => {
  await expect(
    serve(['--store', 'memory', '--port', '0', '--prices', '/nowhere/prices.json']),
  ).rejects.toThrow('Cannot read the file of prices /nowhere/prices.json (ENOENT)');
});
