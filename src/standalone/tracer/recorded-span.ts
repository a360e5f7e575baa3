import {
  type Attributes,
  type AttributeValue,
  type Exception,
  type Link,
  type Span,
  type SpanContext,
  type SpanKind,
  type SpanStatus,
  SpanStatusCode,
  type TimeInput,
} from '@opentelemetry/api';
import { getContent, putContent } from '../../common/content-channel.js';
import { guard } from '../../common/guard.js';
import type {
  HrTime,
  ResourceLike,
  ScopeLike,
  SpanEventLike,
  SpanLike,
} from '../../reading/model/span-like.js';
import type { SpanLimits } from './span-limits.js';

/** The parts of a span that are fixed when it starts. */
export interface SpanStart {
  readonly name: string;
  readonly kind: SpanKind;
  readonly spanContext: SpanContext;
  readonly parent: SpanContext | undefined;
  readonly attributes: Attributes | undefined;
  readonly startTime: TimeInput | undefined;
  readonly scope: ScopeLike;
  readonly resource: ResourceLike;
  readonly limits: SpanLimits;
  /** The span of the application's own tracer for the same run, if that tracer records it. */
  readonly applicationSpan: Span | undefined;
  /** The nearest span above that is not one of ours, if its attributes can be read. */
  readonly callerSpan: SpanLike | undefined;
}

/**
 * A span that keeps what is written to it in the shape of the SDK's `ReadableSpan`, so that our processor can read it without an SDK.
 *
 * Everything that is written is also written to the application's span of the same run, if there is one: the application's exporters
 * get it as they would get any span of its tracer. Both have the same ids.
 */
export class RecordedSpan implements Span, SpanLike {
  name: string;
  readonly kind: SpanKind;
  readonly parentSpanContext: SpanContext | undefined;
  readonly startTime: HrTime;
  endTime: HrTime = [0, 0];
  status: SpanStatus = { code: SpanStatusCode.UNSET };
  readonly attributes: Attributes = {};
  readonly events: SpanEventLike[] = [];
  droppedAttributesCount = 0;
  droppedEventsCount = 0;
  readonly resource: ResourceLike;
  readonly instrumentationScope: ScopeLike;
  /** The span of the application's own tracer for the same run, if that tracer records it. */
  readonly applicationSpan: Span | undefined;
  /** The nearest span above that is not one of ours, if its attributes can be read. It may know the user. */
  readonly callerSpan: SpanLike | undefined;
  readonly #spanContext: SpanContext;
  readonly #limits: SpanLimits;
  readonly #onEnd: ((span: RecordedSpan) => void) | undefined;
  /** `performance.now()` at the start. The end is measured from it, because the wall clock may be set meanwhile. */
  readonly #startedAt = performance.now();
  #attributeCount = 0;
  #ended = false;

  /** `onEnd` is called once, when the span has ended. */
  constructor(start: SpanStart, onEnd?: (span: RecordedSpan) => void) {
    this.name = start.name;
    this.kind = start.kind;
    this.parentSpanContext = start.parent;
    this.startTime = start.startTime === undefined ? hrTimeOf(Date.now()) : toHrTime(start.startTime);
    this.resource = start.resource;
    this.instrumentationScope = start.scope;
    this.applicationSpan = start.applicationSpan;
    this.callerSpan = start.callerSpan;
    this.#spanContext = start.spanContext;
    this.#limits = start.limits;
    this.#onEnd = onEnd;
    if (start.attributes) this.#keepAll(start.attributes);
  }

  spanContext(): SpanContext {
    return this.#spanContext;
  }

  get ended(): boolean {
    return this.#ended;
  }

  isRecording(): boolean {
    return !this.#ended;
  }

  setAttribute(key: string, value: AttributeValue): this {
    this.#forward((span) => span.setAttribute(key, value));
    if (!this.#ended) this.#keep(key, value);
    return this;
  }

  setAttributes(attributes: Attributes): this {
    this.#forward((span) => span.setAttributes(attributes));
    if (!this.#ended) this.#keepAll(attributes);
    return this;
  }

  addEvent(name: string, attributesOrTime?: Attributes | TimeInput, time?: TimeInput): this {
    this.#forward((span) => span.addEvent(name, attributesOrTime, time));
    if (this.#ended) return this;
    const isTime = isTimeInput(attributesOrTime);
    this.#keepEvent(name, isTime ? {} : (attributesOrTime ?? {}), isTime ? attributesOrTime : time);
    return this;
  }

  recordException(exception: Exception, time?: TimeInput): void {
    this.#forward((span) => span.recordException(exception, time));
    if (!this.#ended) this.#keepEvent('exception', exceptionAttributes(exception), time);
  }

  setStatus(status: SpanStatus): this {
    this.#forward((span) => span.setStatus(status));
    // Specification, "Set Status": OK is final.
    if (!this.#ended && this.status.code !== SpanStatusCode.OK) this.status = { ...status };
    return this;
  }

  updateName(name: string): this {
    this.#forward((span) => span.updateName(name));
    if (!this.#ended) this.name = name;
    return this;
  }

  /** Links are for the application's exporters. Our records have no place for them. */
  addLink(link: Link): this {
    this.#forward((span) => span.addLink(link));
    return this;
  }

  addLinks(links: Link[]): this {
    this.#forward((span) => span.addLinks(links));
    return this;
  }

  end(endTime?: TimeInput): void {
    if (this.#ended) return;
    this.#ended = true;
    this.endTime = this.#timeOf(endTime);
    this.#forward((span) => {
      // Content kept off the attributes is keyed by the span: another processor of ours knows the application's span only.
      const content = getContent(this);
      if (content) putContent(span, content);
      span.end(endTime);
    });
    this.#onEnd?.(this);
  }

  /** A tracer of the application that throws must not cost the record, nor be noticed by the application's LangChain calls. */
  #forward(write: (span: Span) => void): void {
    const { applicationSpan } = this;
    if (applicationSpan) guard("span of the application's tracer", () => write(applicationSpan));
  }

  #timeOf(time: TimeInput | undefined): HrTime {
    if (time !== undefined) return toHrTime(time);
    const elapsedNs = Math.max(performance.now() - this.#startedAt, 0) * 1e6;
    const ns = this.startTime[1] + Math.round(elapsedNs);
    return [this.startTime[0] + Math.floor(ns / 1e9), ns % 1e9];
  }

  #keepAll(attributes: Attributes): void {
    for (const key of Object.keys(attributes)) this.#keep(key, attributes[key]);
  }

  #keep(key: string, value: AttributeValue | undefined): void {
    if (value === undefined || value === null || key === '') return;
    if (!Object.hasOwn(this.attributes, key)) {
      if (this.#attributeCount >= this.#limits.attributeCount) {
        this.droppedAttributesCount += 1;
        return;
      }
      this.#attributeCount += 1;
    }
    this.attributes[key] = cutValue(value, this.#limits.attributeValueLength);
  }

  #keepEvent(name: string, attributes: Attributes, time: TimeInput | undefined): void {
    const { eventCount, eventAttributeCount, attributeValueLength } = this.#limits;
    if (eventCount === 0) {
      this.droppedEventsCount += 1;
      return;
    }
    if (this.events.length >= eventCount) {
      this.events.shift();
      this.droppedEventsCount += 1;
    }
    const kept: Attributes = {};
    for (const [key, value] of Object.entries(attributes).slice(0, eventAttributeCount))
      if (value !== undefined) kept[key] = cutValue(value, attributeValueLength);
    this.events.push({ name, time: this.#timeOf(time), attributes: kept });
  }
}

/** Attributes of an `exception` event (OpenTelemetry semantic conventions, "Exceptions in spans"). */
function exceptionAttributes(exception: Exception): Attributes {
  if (typeof exception === 'string') return { 'exception.message': exception };
  const { code, name, message, stack } = exception;
  const type = code === undefined ? name : String(code);
  return {
    ...(type !== undefined && { 'exception.type': type }),
    ...(message !== undefined && { 'exception.message': message }),
    ...(stack !== undefined && { 'exception.stacktrace': stack }),
  };
}

function cutValue(value: AttributeValue, length: number): AttributeValue {
  if (length === Number.POSITIVE_INFINITY) return value;
  if (typeof value === 'string') return value.slice(0, length);
  // One list holds values of one type (specification, "Attribute").
  return isTexts(value) ? value.map((text) => text?.slice(0, length)) : value;
}

function isTexts(value: AttributeValue): value is (string | null | undefined)[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string' || item === null);
}

function isTimeInput(value: unknown): value is TimeInput {
  return typeof value === 'number' || value instanceof Date || Array.isArray(value);
}

/** A number below the time origin is a reading of `performance.now()`, as in the SDK; others are milliseconds since the epoch. */
function toHrTime(time: TimeInput): HrTime {
  if (Array.isArray(time)) return time;
  if (time instanceof Date) return hrTimeOf(time.getTime());
  return hrTimeOf(time < performance.timeOrigin ? performance.timeOrigin + time : time);
}

function hrTimeOf(epochMs: number): HrTime {
  const seconds = Math.floor(epochMs / 1e3);
  return [seconds, Math.round((epochMs - seconds * 1e3) * 1e6)];
}
