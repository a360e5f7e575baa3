import { describe, expect, test } from 'vitest';
import { outgoingTarget, type TargetOptions } from '../../../src/server/security/outgoing-targets.js';
import { isPublicAddress } from '../../../src/server/security/private-addresses.js';
import { useScriptedServer } from '../../support/use-scripted-server.js';
import { thrownBy } from '../../support/thrown-by.js';

const REQUEST = { body: '{"a":1}', timeoutMs: 5000 };

/** A resolver that knows one answer for every name. */
function leadsTo(...addresses: readonly string[]): Pick<TargetOptions, 'lookup'> {
  return {
    lookup: () =>
      Promise.resolve(addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))),
  };
}

describe('an outgoing target', () => {
  test('an address in the URL is listed by that, and so is localhost', async () => {
    const server = await useScriptedServer(() => ({ status: 200, body: 'done' }));
    for (const host of ['127.0.0.1', 'localhost']) {
      const target = outgoingTarget(`http://${host}:${server.port}/hook?a=1`, leadsTo('127.0.0.1'));
      expect(await target.post({ ...REQUEST, headers: { 'x-key': 'k' } })).toEqual({
        status: 200,
        body: 'done',
      });
    }
    expect(server.requests[0]).toMatchObject({
      method: 'POST',
      path: '/hook?a=1',
      body: '{"a":1}',
      headers: { 'content-type': 'application/json', 'x-key': 'k', 'content-length': '7' },
    });
  });

  test.each([
    '127.0.0.1',
    '10.1.2.3',
    '172.31.0.1',
    '192.168.1.1',
    '169.254.169.254',
    '100.100.100.200',
    '168.63.129.16',
    '0.0.0.0',
    '::1',
    '::',
    'fd00:ec2::254',
    'fe80::1',
    '::ffff:127.0.0.1',
    '::ffff:a9fe:a9fe',
    '64:ff9b::7f00:1',
    '2002:7f00:1::',
  ])('a name that leads to %s reaches nobody', async (address) => {
    const server = await useScriptedServer();
    const target = outgoingTarget(`http://hooks.example.com:${server.port}/`, leadsTo(address));
    await expect(target.post(REQUEST)).rejects.toThrow('private and not listed');
    const mixed = outgoingTarget(`http://hooks.example.com:${server.port}/`, leadsTo('8.8.8.8', address));
    await expect(mixed.post(REQUEST)).rejects.toThrow('private and not listed');
    expect(server.requests).toEqual([]);
  });

  test('a name that leads to another address later is looked at again', async () => {
    const server = await useScriptedServer(() => ({ status: 200, headers: { connection: 'close' } }));
    const answers = ['127.0.0.1', '127.0.0.2'];
    const target = outgoingTarget(`http://ollama:${server.port}/`, {
      privateRanges: ['127.0.0.1'],
      lookup: () => Promise.resolve([{ address: answers.shift() ?? '', family: 4 }]),
    });
    expect(await target.post(REQUEST)).toMatchObject({ status: 200 });
    await expect(target.post(REQUEST)).rejects.toThrow('private and not listed');
    expect(server.requests).toHaveLength(1);
  });

  test('localhost reaches this machine alone', async () => {
    await expect(outgoingTarget('http://localhost:9', leadsTo('10.0.0.1')).post(REQUEST)).rejects.toThrow(
      'private and not listed',
    );
  });

  test('a redirect is an answer and is not followed', async () => {
    const server = await useScriptedServer(({ path }) =>
      path === '/a' ? { status: 307, headers: { location: '/b' } } : { status: 200 },
    );
    expect(await outgoingTarget(`${server.url}/a`).post(REQUEST)).toMatchObject({ status: 307 });
    expect(server.requests).toHaveLength(1);
  });

  test('an answer that does not come, or ends early, or is no HTTP, is an error without the path', async () => {
    const server = await useScriptedServer(() => 'hang');
    const target = outgoingTarget(`${server.url}/secret-path`);
    await expect(target.post({ ...REQUEST, timeoutMs: 50 })).rejects.toThrow('no answer in time');
    for (const reply of ['reset', 'truncate', 'garbage'] as const) {
      server.follow(() => reply);
      const error = await target.post(REQUEST).catch((caught: unknown) => caught);
      expect(error).toMatchObject({ name: 'OutgoingError' });
      expect(String(error)).not.toMatch(/secret-path|127\.0\.0\.1/);
    }
  });

  test('a body that is too long is not kept', async () => {
    const server = await useScriptedServer(() => ({ status: 200, body: 'x'.repeat(300_000) }));
    expect(await outgoingTarget(server.url).post(REQUEST)).toEqual({ status: 200, body: undefined });
  });

  test('only http and https without a password are accepted, and the message repeats nothing', () => {
    for (const url of ['ftp://secret.example', 'file:///secret', 'secret', 'https://u:secret@example.com']) {
      const error = thrownBy(() => outgoingTarget(url));
      expect(error).toBeInstanceOf(TypeError);
      expect(String(error)).not.toContain('secret');
    }
    expect(outgoingTarget('https://hooks.example.com/services/secret').host).toBe('hooks.example.com');
  });

  test('addresses of the internet are public', () => {
    const addresses = ['8.8.8.8', '172.32.0.1', '2606:4700::1111', '::ffff:8.8.8.8'];
    expect(addresses.filter(isPublicAddress)).toEqual(addresses);
    expect(isPublicAddress('example.com')).toBe(false);
  });
});
