import { ATTR_TRUBRICS_RECORD } from '../../../../common/semconv.js';
import { Attributes, MAX_VALUE_DEPTH, type Losses } from './attribute-values.js';
import { ProtobufError, type ProtobufReader } from './protobuf-reader.js';

// Readers of the messages that traces and logs share (opentelemetry/proto/common/v1). Each loops over the fields of its message until
// `next()` returns 0, the end. Field numbers are those of the `.proto` files.

/**
 * Enters a message, reads it and leaves it. If it cannot be read, calls `onUnreadable`, and what was read of it until then stays in
 * `into`. Not a closure for each message, because a request has thousands.
 */
export function readMessage<T>(
  reader: ProtobufReader,
  into: T,
  read: (reader: ProtobufReader, into: T) => void,
  onUnreadable: (into: T) => void,
): T {
  const outer = reader.enter();
  const { end } = reader;
  try {
    read(reader, into);
  } catch (error) {
    if (!(error instanceof ProtobufError)) throw error;
    onUnreadable(into);
  }
  reader.leave(outer, end);
  return into;
}

/** Reads a message of which only the attributes are of interest, such as a resource. */
export function readAttributesOf(reader: ProtobufReader, attributes: Attributes): Attributes {
  return readMessage(reader, attributes, readFieldOne, countValue);
}

function readFieldOne(reader: ProtobufReader, attributes: Attributes): void {
  for (let field = reader.next(); field !== 0; field = reader.next())
    if (field === 1) readAttribute(reader, attributes);
    else reader.skip();
}

function countValue({ losses }: Attributes): void {
  losses.values += 1;
}

/** Reads a `KeyValue` into `attributes`. One that cannot be read costs only itself. */
export function readAttribute(reader: ProtobufReader, attributes: Attributes, depth = 0): void {
  const { losses } = attributes;
  const outer = reader.enter();
  const { end } = reader;
  let key: string | undefined;
  let value: unknown;
  let isUnreadable = false;
  try {
    for (let field = reader.next(); field !== 0; field = reader.next())
      if (field === 1) key = reader.key();
      else if (field === 2) value = readValue(reader, losses, depth);
      else reader.skip();
  } catch (error) {
    if (!(error instanceof ProtobufError)) throw error;
    isUnreadable = true;
  }
  reader.leave(outer, end);
  if (key === undefined || isUnreadable) losses.values += 1;
  // An attribute that cannot be read is left out, except that it may be the one that forbids to record.
  if (key !== undefined && (!isUnreadable || key === ATTR_TRUBRICS_RECORD))
    attributes.set(key, isUnreadable ? undefined : value);
}

/** Reads an `AnyValue`. Undefined: bytes, a kind of value of a later version, or what cannot be read, which is counted. */
export function readValue(reader: ProtobufReader, losses: Losses, depth: number): unknown {
  const outer = reader.enter();
  const { end } = reader;
  let value: unknown;
  try {
    value = readAnyValue(reader, losses, depth);
  } catch (error) {
    if (!(error instanceof ProtobufError)) throw error;
    losses.values += 1;
    value = undefined;
  }
  reader.leave(outer, end);
  return value;
}

function readAnyValue(reader: ProtobufReader, losses: Losses, depth: number): unknown {
  if (depth > MAX_VALUE_DEPTH) throw new ProtobufError('nested too deep');
  let value: unknown;
  for (let field = reader.next(); field !== 0; field = reader.next())
    if (field === 1) value = reader.text();
    else if (field === 2) value = reader.uint() !== 0;
    else if (field === 3) value = reader.int64();
    else if (field === 4) value = reader.double();
    else if (field === 5) value = readValues(reader, losses, depth + 1);
    else if (field === 6) value = readPairs(reader, losses, depth + 1);
    else {
      reader.skip();
      // The last of several values counts, also if it is bytes, which records do not hold.
      if (field === 7) value = undefined;
    }
  return value;
}

function readValues(reader: ProtobufReader, losses: Losses, depth: number): readonly unknown[] {
  const values: unknown[] = [];
  const outer = reader.enter();
  for (let field = reader.next(); field !== 0; field = reader.next())
    if (field === 1) values.push(readValue(reader, losses, depth));
    else reader.skip();
  reader.leave(outer);
  return values;
}

function readPairs(reader: ProtobufReader, losses: Losses, depth: number): Record<string, unknown> {
  const pairs = new Attributes(losses);
  const outer = reader.enter();
  for (let field = reader.next(); field !== 0; field = reader.next())
    if (field === 1) readAttribute(reader, pairs, depth);
    else reader.skip();
  reader.leave(outer);
  return pairs.values;
}

/** Reads an `InstrumentationScope`. */
export function readScope(reader: ProtobufReader): { readonly name: string; readonly version?: string } {
  const scope: { name: string; version?: string } = { name: '' };
  return readMessage(reader, scope, readScopeFields, ignore);
}

function readScopeFields(reader: ProtobufReader, scope: { name: string; version?: string }): void {
  for (let field = reader.next(); field !== 0; field = reader.next())
    if (field === 1) scope.name = reader.key();
    else if (field === 2) scope.version = reader.key();
    else reader.skip();
}

/** For damage that costs no content. */
export function ignore(): void {
  // Nothing to count.
}
