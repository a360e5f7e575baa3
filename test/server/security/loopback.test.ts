import { expect, test } from 'vitest';
import {
  hostnameOf,
  isLoopback,
  isLoopbackAddress,
  isLoopbackOrigin,
  parseUrl,
} from '../../../src/server/security/loopback.js';
import { sameSecret } from '../../../src/server/security/same-secret.js';

test('the names of this machine are localhost and its loopback addresses', () => {
  for (const name of ['localhost', 'LOCALHOST', '127.0.0.1', '127.9.8.7', '[::1]'])
    expect([name, isLoopback(name)]).toEqual([name, true]);
  for (const name of [
    'localhost.evil.example',
    'my-localhost',
    '127.0.0.1.evil.example',
    '10.0.0.1',
    '::1',
    '',
  ])
    expect([name, isLoopback(name)]).toEqual([name, false]);
});

test('a server listens on this machine alone by a name or an address of it', () => {
  const found = ['localhost', '127.0.0.1', '::1', '[::1]', '0.0.0.0', '::'].map(isLoopbackAddress);
  expect(found).toEqual([true, true, true, true, false, false]);
});

test('a page of this machine has an origin of it, by HTTP', () => {
  for (const origin of ['http://localhost:3000', 'https://127.0.0.1', 'http://[::1]:80'])
    expect([origin, isLoopbackOrigin(origin)]).toEqual([origin, true]);
  for (const origin of [
    'ftp://localhost',
    'http://evil.example',
    'null',
    'localhost',
    'http://localhost.evil.example',
  ])
    expect([origin, isLoopbackOrigin(origin)]).toEqual([origin, false]);
});

test('the name in a Host header is read as browsers read it', () => {
  expect([hostnameOf('localhost:8'), hostnameOf('[::1]:8'), hostnameOf('127.0.0.1')]).toEqual([
    'localhost',
    '[::1]',
    '127.0.0.1',
  ]);
  for (const host of ['localhost@evil.example', 'localhost/x', 'a b', '', 'x:y:z'])
    expect([host, hostnameOf(host)]).toEqual([host, undefined]);
  expect(parseUrl('no URL')).toBeUndefined();
});

test('a secret is the same if every character is', () => {
  expect([sameSecret('secret-token', 'secret-token'), sameSecret('', '')]).toEqual([true, true]);
  for (const guess of ['', 'secret-toke', 'secret-token ', 'Secret-token', 'secret-tokem', 'secret-token-2'])
    expect([guess, sameSecret(guess, 'secret-token')]).toEqual([guess, false]);
});
