/** Faults in what joins the spans of requests to calls. */
const tests = [
  'test/server/ingest/trace-buffer.test.ts',
  'test/server/ingest/agent-calls.test.ts',
  'test/server/ingest/otlp-logs.test.ts',
  'test/server/ingest/otlp.test.ts',
];

export const mutants = {
  'src/server/ingest/otlp/joining/trace-buffer.ts': {
    tests,
    faults: [
      ['if (place.isFinal) place.isHandedOut = true;', 'if (place.isFinal) place.isHandedOut = false;'],
      ['else if (place.isHandedOut) superseded.push(span);', ''],
      ['if (place) place.isStored = true;', ''],
      ['if (place && !place.isFinal) place.isHandedOut = false;', ''],
      ['hasContent(call) || call.error', 'hasContent(call)'],
      ['this.#noCalls += isNoCall ? 1 : -1;', 'this.#noCalls += 1;'],
      ['place.isNoCall = isNoCall;', ''],
      ['isComplete: missing === undefined,', 'isComplete: true,'],
      ['settledAs !== undefined && settledAs !== id', 'settledAs !== undefined'],
      ['missing !== undefined && above.length === 0 ?', 'missing !== undefined ?'],
      ['onStored(); this.#markStored(changed, superseded);', 'this.#markStored(changed, superseded);'],
      ['this.#finder.forget(span); groups.forget(span);', 'groups.forget(span);'],
      ['this.#finder.forget(span); groups.forget(span);', 'this.#finder.forget(span);'],
      ['if (groups.find(span)?.isStored === true) this.#settle(span);', ''],
      ['...superseded.map(({ trace }) => trace.traceId),', ''],
    ],
  },
  'src/server/ingest/otlp/joining/call-finder.ts': {
    tests,
    faults: [
      ["if (roleIn(root) === 'llm') this.#readRoot(root, reading);", ''],
      ['if (groups.find(partner)) reading.open.add(partner);', ''],
      ['place.partners = []; place.recorded = [];', 'place.partners = [];'],
      ['reading.open.add(partner.owner);', 'void partner;'],
      ['onStored: () => this.#unstored.delete(unstored),', 'onStored: () => undefined,'],
      ['for (const span of unstored.spans) if (groups.find(span)) open.add(span);', ''],
      ['this.#sameCalls.remove(span);', ''],
      ['if (seen.has(first)) continue;', ''],
    ],
  },
  'src/server/ingest/otlp/joining/calls-below.ts': {
    tests,
    faults: [
      ['this.#add(one, known.isCall, -1);', ''],
      ['if (isCall) below.calls += change;', 'below.calls += change;'],
      ['this.#changed = new Set(); return changed;', 'return changed;'],
      ['this.#below.delete(span); this.#counted.delete(span);', 'this.#counted.delete(span);'],
    ],
  },
  'src/server/ingest/otlp/joining/event-joiner.ts': {
    tests,
    faults: [
      ['(this.#unmatched += lost.length)', 'undefined'],
      ['this.#waiting.evict(); return {', 'return {'],
      ['isOptOutEvent(log.event) ? withoutContent(log.event) : log.event', 'log.event'],
      ['if (event === log.event) this.#addEvaluation', 'this.#addEvaluation'],
      ['if (!isRepeated) this.#waiting.add', 'this.#waiting.add'],
      ['if (this.#waiting.count > 0) this.addLogs', 'if (this.#waiting.count > 1) this.addLogs'],
      ['maxAgeMs: 15 * 60_000', 'maxAgeMs: 15 * 60'],
    ],
  },
};
