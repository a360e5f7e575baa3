import { encodeUtf8 } from './web/utf8.js';

/**
 * SHA-256 and HMAC (FIPS 180-4, RFC 2104) without Web Crypto, which is asynchronous: spans end synchronously. A library takes three times
 * the bytes in the bundle of an application.
 */

/** Bytes of a block. */
const BLOCK = 64;

/** Section 4.2.2. */
let roundConstants: Uint32Array | undefined;

/** Returns the hash of a text in UTF-8, in hexadecimal. */
export function sha256(text: string): string {
  return toHex(hash(encodeUtf8(text)));
}

/** Returns the keyed hash of a text in UTF-8, in hexadecimal. */
export function hmacSha256(key: string, text: string): string {
  const bytes = encodeUtf8(key);
  const padded = new Uint8Array(BLOCK);
  padded.set(bytes.length > BLOCK ? hash(bytes) : bytes);
  const keyed = (mask: number, message: Uint8Array): Uint8Array =>
    hash(new Uint8Array([...padded.map((byte) => byte ^ mask), ...message]));
  return toHex(keyed(0x5c, keyed(0x36, encodeUtf8(text))));
}

function hash(message: Uint8Array): Uint8Array {
  const padded = pad(message);
  // Section 5.3.3.
  const state = fractionsOfRoots(8, 2);
  const constants = (roundConstants ??= fractionsOfRoots(64, 3));
  for (let offset = 0; offset < padded.length; offset += BLOCK)
    addBlock(state, constants, new DataView(padded.buffer, offset));
  const digest = new DataView(new ArrayBuffer(32));
  for (const [index, word] of state.entries()) digest.setUint32(4 * index, word);
  return new Uint8Array(digest.buffer);
}

/** Returns whole blocks: the message, a bit, zeros, and the length in bits. */
function pad(message: Uint8Array): Uint8Array<ArrayBuffer> {
  const padded = new Uint8Array(Math.ceil((message.length + 9) / BLOCK) * BLOCK);
  padded.set(message);
  padded[message.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setUint32(padded.length - 8, Math.floor(message.length / 2 ** 29));
  view.setUint32(padded.length - 4, message.length << 3);
  return padded;
}

/** Section 6.2.2. Words are in range by construction: `at` reads them without a check for undefined. */
function addBlock(state: Uint32Array, constants: Uint32Array, block: DataView): void {
  const schedule = new Uint32Array(64);
  for (let t = 0; t < 16; t += 1) schedule[t] = block.getUint32(4 * t);
  for (let t = 16; t < 64; t += 1) {
    const [near, far] = [at(schedule, t - 2), at(schedule, t - 15)];
    const sigma1 = rotate(near, 17) ^ rotate(near, 19) ^ (near >>> 10);
    const sigma0 = rotate(far, 7) ^ rotate(far, 18) ^ (far >>> 3);
    schedule[t] = sigma1 + at(schedule, t - 7) + sigma0 + at(schedule, t - 16);
  }
  let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = state;
  for (let t = 0; t < 64; t += 1) {
    const sum1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25);
    const t1 = h + sum1 + ((e & f) ^ (~e & g)) + at(constants, t) + at(schedule, t);
    const sum0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22);
    const t2 = sum0 + ((a & b) ^ (a & c) ^ (b & c));
    [h, g, f, e, d, c, b, a] = [g, f, e, (d + t1) | 0, c, b, a, (t1 + t2) | 0];
  }
  for (const [index, word] of [a, b, c, d, e, f, g, h].entries()) state[index] = at(state, index) + word;
}

function at(words: Uint32Array, index: number): number {
  return words[index] ?? 0;
}

function rotate(word: number, bits: number): number {
  return (word >>> bits) | (word << (32 - bits));
}

/** Returns the first 32 bits of the fractional part of a root of each of the first primes. Doubles have 18 more than are needed. */
function fractionsOfRoots(count: number, degree: number): Uint32Array {
  const primes: number[] = [];
  for (let n = 2; primes.length < count; n += 1) if (primes.every((prime) => n % prime !== 0)) primes.push(n);
  return Uint32Array.from(primes, (prime) => (prime ** (1 / degree) % 1) * 2 ** 32);
}

function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
