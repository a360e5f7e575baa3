/** The message is truncated or no protobuf. */
export class ProtobufError extends Error {
  override readonly name = 'ProtobufError';
}

const decoder = new TextDecoder();

/** Wire types. */
const [VARINT, FIXED64, LENGTH, GROUP_START, GROUP_END, FIXED32] = [0, 1, 2, 3, 4, 5];

/** Deepest nesting of groups, which no version of OTLP has. */
const MAX_GROUPS = 32;

/**
 * Reads the fields of one protobuf message in order: call `next()`, then the method for the field's type, or `skip()`. All methods
 * throw {@link ProtobufError} if the bytes cannot be read. A reader of a message within another one cannot leave that message, so an
 * error in it leaves the outer reader intact. A text, number or bytes of another wire type counts as unknown, as in protobuf: it is
 * skipped, and the default of its type is returned.
 */
export class ProtobufReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #end: number;
  #at: number;
  #wireType = 0;

  constructor(bytes: Uint8Array, start = 0, end = bytes.length) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#at = start;
    this.#end = end;
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

  text(): string {
    if (this.#skipsOther(LENGTH)) return '';
    const [start, end] = this.#chunk();
    return decoder.decode(this.#bytes.subarray(start, end));
  }

  bytes(): Uint8Array {
    if (this.#skipsOther(LENGTH)) return new Uint8Array();
    const [start, end] = this.#chunk();
    return this.#bytes.subarray(start, end);
  }

  /** Returns a reader of a message within this one. It shares the bytes. */
  message(): ProtobufReader {
    const [start, end] = this.#chunk();
    return new ProtobufReader(this.#bytes, start, end);
  }

  /** Reads an enum, a bool or another varint of at most 32 bits. */
  uint(): number {
    return this.#skipsOther(VARINT) ? 0 : this.#varint();
  }

  int64(): bigint {
    if (this.#skipsOther(VARINT)) return 0n;
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.#byte();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asIntN(64, value);
    }
    throw new ProtobufError('varint longer than 10 bytes');
  }

  fixed64(): bigint {
    return this.#skipsOther(FIXED64) ? 0n : this.#view.getBigUint64(this.#take(FIXED64, 8), true);
  }

  double(): number {
    return this.#skipsOther(FIXED64) ? 0 : this.#view.getFloat64(this.#take(FIXED64, 8), true);
  }

  skip(groups = 0): void {
    if (this.#wireType === VARINT) this.int64();
    else if (this.#wireType === FIXED64) this.#take(FIXED64, 8);
    else if (this.#wireType === LENGTH) this.#chunk();
    else if (this.#wireType === FIXED32) this.#take(FIXED32, 4);
    else if (this.#wireType === GROUP_START && groups < MAX_GROUPS) this.#skipGroup(groups + 1);
    else throw new ProtobufError(`wire type ${this.#wireType}`);
  }

  /** Skips the field if its wire type is another one. */
  #skipsOther(wireType: number): boolean {
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

  /** Reads the length of a text, bytes or message and moves past it. */
  #chunk(): readonly [start: number, end: number] {
    this.#expect(LENGTH);
    const length = this.#varint();
    const start = this.#take(LENGTH, length);
    return [start, start + length];
  }

  #take(wireType: number, length: number): number {
    this.#expect(wireType);
    const start = this.#at;
    if (start + length > this.#end) throw new ProtobufError('cut short');
    this.#at = start + length;
    return start;
  }

  #expect(wireType: number): void {
    if (this.#wireType !== wireType)
      throw new ProtobufError(`wire type ${this.#wireType} instead of ${wireType}`);
  }

  /** Reads a varint as a number, exact up to 2^53: enough for tags and lengths. */
  #varint(): number {
    let value = 0;
    for (let factor = 1; factor < 2 ** 70; factor *= 128) {
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
}
