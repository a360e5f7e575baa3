import type { HrTime } from '../../../../reading/model/span-like.js';
import { Attributes, noLosses, type Losses } from './attribute-values.js';
import { readAttribute, readAttributesOf, readMessage, readValue } from './decode-values.js';
import { toId } from './json-fields.js';
import type { DecodedLogs, OtlpLogRecord } from './log-records.js';
import { ProtobufReader } from './protobuf-reader.js';

interface Group {
  readonly losses: Losses;
  readonly records: OtlpLogRecord[];
}

/** Log records of one resource, which may follow them. */
interface ResourceGroup extends Group {
  readonly resource: Attributes;
}

/**
 * Reads `ExportLogsServiceRequest` (opentelemetry/proto/collector/logs/v1) in protobuf, without scopes, which say nothing about a call
 * that its span does not say. What cannot be read costs only itself, and is counted.
 *
 * @throws ProtobufError if the request itself cannot be read.
 */
export function decodeLogs(bytes: Uint8Array): DecodedLogs {
  const group: Group = { losses: noLosses(), records: [] };
  const reader = new ProtobufReader(bytes);
  for (let field = reader.next(); field !== 0; field = reader.next())
    if (field === 1) {
      const ofResource = { ...group, resource: new Attributes(group.losses) };
      readMessage(reader, ofResource, readResourceLogs, countUnreadable);
    } else reader.skip();
  return group;
}

function countUnreadable({ losses }: { readonly losses: Losses }): void {
  losses.unreadable += 1;
}

function readResourceLogs(reader: ProtobufReader, group: ResourceGroup): void {
  for (let field = reader.next(); field !== 0; field = reader.next())
    if (field === 1) readAttributesOf(reader, group.resource);
    // 1000 was instrumentation_library_logs before OTLP 1.0, with the same fields.
    else if (field === 2 || field === 1000) readMessage(reader, group, readScopeLogs, countUnreadable);
    else reader.skip();
}

function readScopeLogs(reader: ProtobufReader, { losses, records, resource }: ResourceGroup): void {
  for (let field = reader.next(); field !== 0; field = reader.next())
    if (field === 2) {
      const before = losses.unreadable;
      const record = readMessage(reader, new RawRecord(losses, resource), readRecordFields, countUnreadable);
      if (losses.unreadable === before) records.push(record);
    } else reader.skip();
}

class RawRecord implements OtlpLogRecord {
  traceId: string | undefined;
  spanId: string | undefined;
  eventName: string | undefined;
  body: unknown;
  eventTime: HrTime | undefined;
  observedTime: HrTime | undefined;
  readonly losses: Losses;
  readonly into: Attributes;
  readonly #resource: Attributes;

  constructor(losses: Losses, resource: Attributes) {
    this.losses = losses;
    this.into = new Attributes(losses);
    this.#resource = resource;
  }

  get time(): HrTime | undefined {
    return this.eventTime ?? this.observedTime;
  }

  get attributes(): Readonly<Record<string, unknown>> {
    return this.into.values;
  }

  get resource(): Readonly<Record<string, unknown>> {
    return this.#resource.values;
  }
}

function readRecordFields(reader: ProtobufReader, record: RawRecord): void {
  for (let field = reader.next(); field !== 0; field = reader.next())
    if (field === 1) record.eventTime = reader.time();
    else if (field === 5) record.body = readValue(reader, record.losses, 0);
    else if (field === 6) readAttribute(reader, record.into);
    else if (field === 9) record.traceId = toId(reader.hex(), 32);
    else if (field === 10) record.spanId = toId(reader.hex(), 16);
    else if (field === 11) record.observedTime = reader.time();
    else if (field === 12) record.eventName = reader.key();
    else reader.skip();
}
