import { randomBytes } from '../../common/web/random-uuid.js';

const TRACE_ID_BYTES = 16;
const SPAN_ID_BYTES = 8;
/** One call for random bytes serves this many ids: the call costs more than the bytes. */
const POOL_BYTES = 4_096;

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

// Filled at first use: Workers refuse random numbers while a module loads.
let pool = new Uint8Array(0);
let used = 0;

/** Returns a random trace id: 32 hexadecimal digits that are not all zero (W3C Trace Context, section 3.2.2.3). */
export function randomTraceId(): string {
  return randomId(TRACE_ID_BYTES);
}

/** Returns a random span id: 16 hexadecimal digits that are not all zero (W3C Trace Context, section 3.2.2.4). */
export function randomSpanId(): string {
  return randomId(SPAN_ID_BYTES);
}

function randomId(length: number): string {
  if (used + length > pool.length) refill();
  const end = used + length;
  let id = '';
  let sum = 0;
  // By index: an iterator of a typed array takes four times as long.
  for (let index = used; index < end; index += 1) {
    const byte = pool[index] ?? 0;
    id += HEX[byte];
    sum += byte;
  }
  used = end;
  return sum === 0 ? randomId(length) : id;
}

function refill(): void {
  pool = randomBytes(POOL_BYTES);
  used = 0;
}
