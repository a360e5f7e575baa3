import type { HrTime } from '../../../../reading/model/span-like.js';

/** The message is truncated or no protobuf. */
export class ProtobufError extends Error {
  override readonly name = 'ProtobufError';
}

/** Wire types. */
const [VARINT, FIXED64, LENGTH, GROUP_START, GROUP_END, FIXED32] = [0, 1, 2, 3, 4, 5];

/** Deepest nesting of groups, which no version of OTLP has. */
const MAX_GROUPS = 32;
/** Keys that are kept, by a hash of their bytes: spans repeat the same few names. */
const KEY_SLOTS = 1024;
const MAX_KEY_BYTES = 64;
const NANOSECONDS = 1_000_000_000;

/**
 * A cursor that reads a protobuf message and the messages in it without copying: call `next()`, then the method for the field's type, or
 * `skip()`. All methods throw {@link ProtobufError} if the bytes cannot be read.
 *
 * The cursor cannot leave a message that it entered, and `leave()` moves it to the end of that message, so an error in a message leaves
 * the outer one intact. A field of another wire type counts as unknown, as in protobuf: it is skipped, and the default of its type is
 * returned.
 */
export class ProtobufReader {
  readonly #bytes: Buffer;
  #at = 0;
  #end: number;
  #wireType = 0;
  readonly #keys: ({ readonly bytes: Buffer; readonly text: string } | undefined)[] = [];

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#end = bytes.length;
  }

  /** Returns the number of the next field; 0 at the end of the message. */
  next(): number {
    if (this.#at >= this.#end) return 0;
    const tag = this.#varint();
    this.#wireType = tag & 7;
    const field = Math.floor(tag / 8);
    if (field === 0) throw new ProtobufError('field number 0');
    return field;
  }

  /** Enters a message. Returns what {@link ProtobufReader.leave} needs: the end of the outer message. */
  enter(): number {
    const outer = this.#end;
    this.#end = this.#skipsOther(LENGTH) ? this.#at : this.#chunkEnd();
    return outer;
  }

  /** Returns the end of the message that the cursor is in. */
  get end(): number {
    return this.#end;
  }

  /** Moves from a message, which ends at `end`, to what follows it in the outer one. */
  leave(outer: number, end = this.#end): void {
    this.#at = end;
    this.#end = outer;
  }

  text(): string {
    if (this.#skipsOther(LENGTH)) return '';
    const end = this.#chunkEnd();
    const text = this.#bytes.toString('utf8', this.#at, end);
    this.#at = end;
    return text;
  }

  /** Reads a text that is likely to occur often. */
  key(): string {
    if (this.#skipsOther(LENGTH)) return '';
    const end = this.#chunkEnd();
    const [start, length] = [this.#at, end - this.#at];
    this.#at = end;
    if (length === 0 || length > MAX_KEY_BYTES) return this.#bytes.toString('utf8', start, end);
    const slot = this.#hash(start, length) % KEY_SLOTS;
    const known = this.#keys[slot];
    if (known && this.#hasBytes(known.bytes, start, length)) return known.text;
    const text = this.#bytes.toString('utf8', start, end);
    this.#keys[slot] = { bytes: this.#bytes.subarray(start, end), text };
    return text;
  }

  /** Reads bytes as a hexadecimal text. */
  hex(): string {
    if (this.#skipsOther(LENGTH)) return '';
    const end = this.#chunkEnd();
    const text = this.#bytes.toString('hex', this.#at, end);
    this.#at = end;
    return text;
  }

  /** Reads an enum, a bool or another varint of at most 32 bits. */
  uint(): number {
    return this.#skipsOther(VARINT) ? 0 : this.#varint();
  }

  /** Reads a signed integer. Beyond 2^53 it is the nearest number. */
  int64(): number {
    if (this.#skipsOther(VARINT)) return 0;
    const start = this.#at;
    const value = this.#varint();
    if (this.#at - start < 8) return value;
    let exact = 0n;
    for (let at = start; at < this.#at; at++)
      exact |= BigInt((this.#bytes[at] ?? 0) & 0x7f) << BigInt(7 * (at - start));
    return Number(BigInt.asIntN(64, exact));
  }

  double(): number {
    return this.#skipsOther(FIXED64) ? 0 : this.#bytes.readDoubleLE(this.#take(8));
  }

  /** Reads nanoseconds since 1970. Returns undefined for 0, which stands for an unknown time. */
  time(): HrTime | undefined {
    if (this.#skipsOther(FIXED64)) return undefined;
    const at = this.#take(8);
    const [low, high] = [this.#bytes.readUInt32LE(at), this.#bytes.readUInt32LE(at + 4)];
    if (low === 0 && high === 0) return undefined;
    // Long division in steps of 16 bits, because a number holds 53 bits and a BigInt takes ten times as long.
    const first = (high % NANOSECONDS) * 65_536 + (low >>> 16);
    const second = (first % NANOSECONDS) * 65_536 + (low & 0xffff);
    const seconds =
      Math.floor(high / NANOSECONDS) * 4_294_967_296 +
      Math.floor(first / NANOSECONDS) * 65_536 +
      Math.floor(second / NANOSECONDS);
    return [seconds, second % NANOSECONDS];
  }

  skip(groups = 0): void {
    if (this.#wireType === VARINT) this.#varint();
    else if (this.#wireType === FIXED64) this.#take(8);
    else if (this.#wireType === LENGTH) this.#at = this.#chunkEnd();
    else if (this.#wireType === FIXED32) this.#take(4);
    else if (this.#wireType === GROUP_START && groups < MAX_GROUPS) this.#skipGroup(groups + 1);
    else throw new ProtobufError(`wire type ${this.#wireType}`);
  }

  /** Skips the field if its wire type is another one. */
  #skipsOther(wireType: number | undefined): boolean {
    if (this.#wireType === wireType) return false;
    this.skip();
    return true;
  }

  #skipGroup(groups: number): void {
    while (this.next() !== 0) {
      if (this.#wireType === GROUP_END) return;
      this.skip(groups);
    }
    throw new ProtobufError('group without end');
  }

  /** Reads the length of a text, bytes or message, and returns where that ends. */
  #chunkEnd(): number {
    const length = this.#varint();
    const end = this.#at + length;
    if (end > this.#end) throw new ProtobufError('cut short');
    return end;
  }

  #take(length: number): number {
    const start = this.#at;
    if (start + length > this.#end) throw new ProtobufError('cut short');
    this.#at = start + length;
    return start;
  }

  /** Reads a varint as a number, exact up to 2^53: enough for tags and lengths. */
  #varint(): number {
    const first = this.#byte();
    if (first < 0x80) return first;
    let value = first & 0x7f;
    for (let factor = 128; factor < 2 ** 70; factor *= 128) {
      const byte = this.#byte();
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
    throw new ProtobufError('varint longer than 10 bytes');
  }

  #byte(): number {
    const byte = this.#at < this.#end ? this.#bytes[this.#at++] : undefined;
    if (byte === undefined) throw new ProtobufError('cut short');
    return byte;
  }

  /** Returns whether these bytes lie at `start`. For a few bytes, a loop takes a quarter of the time of `Buffer.compare()`. */
  #hasBytes(bytes: Buffer, start: number, length: number): boolean {
    if (bytes.length !== length) return false;
    for (let at = 0; at < length; at++) if (bytes[at] !== this.#bytes[start + at]) return false;
    return true;
  }

  #hash(start: number, length: number): number {
    let hash = length;
    for (let at = start; at < start + length; at++) hash = (hash * 31 + (this.#bytes[at] ?? 0)) & 0xffffff;
    return hash;
  }
}
