import { afterEach, describe, expect, test, vi } from 'vitest';
import { withKeepalive } from '../../../src/destinations/http/fetch.js';

afterEach(() => {
  vi.unstubAllGlobals();
});

/** Starts requests with these bodies, all at once, and says which of them may outlive the page. Ends them. */
async function outliving(...bodies: readonly string[]): Promise<boolean[]> {
  const asked: boolean[] = [];
  const ends: (() => void)[] = [];
  const requests = bodies.map((body) =>
    withKeepalive(body, ({ keepalive = false }) => {
      asked.push(keepalive);
      return new Promise<void>((resolve) => ends.push(resolve));
    }),
  );
  for (const end of ends) end();
  await Promise.all(requests);
  return asked;
}

const SMALL = 'x'.repeat(100);

describe('withKeepalive', () => {
  test('keepalive is set in a web page only', async () => {
    expect(await outliving(SMALL)).toEqual([false]);
    vi.stubGlobal('document', {});
    expect(await outliving(SMALL)).toEqual([true]);
  });

  test('keepalive is set for at most nine requests at once, ended ones not counted', async () => {
    vi.stubGlobal('document', {});
    const ten = Array<string>(10).fill(SMALL);
    expect(await outliving(...ten)).toEqual([...Array<boolean>(9).fill(true), false]);
    await expect(withKeepalive(SMALL, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await outliving(...ten)).toEqual([...Array<boolean>(9).fill(true), false]);
  });

  test('keepalive is set for no more bytes than browsers allow, whatever the characters', async () => {
    vi.stubGlobal('document', {});
    expect(await outliving('€'.repeat(15_000), '€'.repeat(15_000), SMALL)).toEqual([true, false, true]);
    expect(await outliving('€'.repeat(25_000))).toEqual([false]);
    // The bytes of those that have ended are free again.
    expect(await outliving('€'.repeat(15_000))).toEqual([true]);
  });
});
