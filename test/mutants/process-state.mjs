/** Faults in what a process remembers outside of spans and queues. */
export const mutants = {
  'src/reading/calls/recent-calls.ts': {
    tests: ['test/reading/calls/recent-calls.test.ts'],
    faults: [
      ['if (hasContent(call)) this.add(call);', 'this.add(call);'],
      ['this.#calls.push(fingerprintOf(call));', ''],
      ['this.#spanIds.add(call.spanId);', ''],
      ["this.#hasAgents ||= call.operation === 'invoke_agent';", ''],
      ['if (call.parentSpanId !== undefined) this.#parentIds.add(call.parentSpanId);', ''],
      [
        'if (call.parentSpanId !== undefined) this.#parentIds',
        'this.#parentIds',
        'equivalent as long as every span has an id',
      ],
      ['if (this.#calls.length > 2 * MAX_CALLS) this.#evictOldest();', ''],
      ["&& !this.#hasAgents && call.operation !== 'invoke_agent')", ')'],
      ["&& call.operation !== 'invoke_agent')", ')'],
      ['<= MAX_AGE_MS', '< MAX_AGE_MS'],
      [
        'this.#calls = this.#calls.filter((known) => fingerprint.endTimeMs - known.endTimeMs <= MAX_AGE_MS);',
        '',
      ],
      ['if (known) this.#calls[at] = mergeFingerprints(known, fingerprint);', ''],
      ['distanceMs >= closestMs || !isSameCall', 'closest !== -1 || !isSameCall'],
      ['|| !isSameCall(known, fingerprint)) continue;', ') continue;'],
      ['this.#calls.slice(-MAX_CALLS)', 'this.#calls.slice(0, MAX_CALLS)'],
      ['this.#spanIds = new Set(this.#calls.map((call) => call.spanId));', ''],
      [
        'this.#parentIds = new Set(this.#calls.map((call) => call.parentSpanId).filter((id) => id !== undefined));',
        '',
      ],
    ],
  },
  'src/pipeline/lifecycle/life-cycle.ts': {
    tests: ['test/pipeline/lifecycle/life-cycle.test.ts'],
    faults: [
      [
        'if (!flush || !this.#options.waitUntil || this.#isScheduled) return;',
        'if (!flush || !this.#options.waitUntil) return;',
      ],
      ['this.#isScheduled = true;', ''],
      ['this.#isScheduled = false; await flush();', 'await flush(); this.#isScheduled = false;'],
      ['this.#isScheduled = false; await flush();', 'this.#isScheduled = false; void flush();'],
      ['for (const removeListeners of this.#listenerRemovers) removeListeners();', ''],
      ['FLUSH_DELAY_MS = 50', 'FLUSH_DELAY_MS = 0'],
    ],
  },
  'src/pipeline/privacy-filter.ts': {
    tests: [
      'test/pipeline/privacy-filter.test.ts',
      'test/pipeline/manual-pipeline.test.ts',
      'test/pipeline/feedback.test.ts',
    ],
    faults: [
      [
        'if (settings.redact) prepareInBackground(settings.redact);',
        '',
        'equivalent in its results: the first record takes longer',
      ],
      ['this.#isRedacting = true;', ''],
      ['finally { this.#isRedacting = false; }', 'finally {}'],
      ["if (redacted === undefined) return { kept: false, reason: 'redacted' };", ''],
      ['ignoreRejection(redacted);', ''],
      ['this.#hasWarned = true;', ''],
      ['this.#hash ? withHashedUser(record, this.#hash) : record', 'record'],
      ['this.#hash ? withHashedUserOfEvent(event, this.#hash) : event', 'event'],
      ['cutText(text, maxTextLength)', 'text'],
      ['maxPropertyLength < MAX_PROPERTY_LENGTH ?', 'maxPropertyLength < 0 ?'],
    ],
  },
  'src/records/privacy/preparation.ts': {
    tests: ['test/records/privacy/preparation.test.ts'],
    faults: [
      ['PREPARATIONS.set(slow, steps);', ''],
      ['PREPARATIONS.delete(slow);', ''],
      ['if (steps.next().done !== true) runNext(steps);', 'steps.next();'],
    ],
  },
  'src/destinations/http/fetch.ts': {
    tests: ['test/destinations/http/fetch.test.ts', 'test/destinations/ingestion/ingestion.test.ts'],
    faults: [
      ['bytesInFlight += bytes;', ''],
      ['requestsInFlight++;', ''],
      ['bytesInFlight -= bytes;', ''],
      ['requestsInFlight--;', ''],
      ['bytesInFlight + bytes > MAX_BYTES ||', ''],
      ['|| requestsInFlight >= MAX_REQUESTS)', ')'],
      ['body.length * 3', 'body.length'],
      ["typeof wrapped.__original === 'function' ? (wrapped.__original as FetchLike) : wrapped", 'wrapped'],
    ],
  },
  'src/destinations/platform/session.ts': {
    tests: [
      'test/destinations/platform/platform.test.ts',
      'test/destinations/platform/platform-errors.test.ts',
    ],
    faults: [
      ['if (this.#tokens && performance.now() < this.#tokens.refreshAtMs) return this.#tokens;', ''],
      ['.finally(() => (this.#renewal = undefined));', ';'],
      ['this.#tokens = await this.#renewal; return this.#tokens;', 'return this.#renewal;'],
      ['this.#tokens = { ...this.#tokens, refreshAtMs: 0 };', 'void 0;'],
      ["textMember(body, 'email') ?? email", 'email'],
    ],
  },
  'src/destinations/platform/project.ts': {
    tests: [
      'test/destinations/platform/platform.test.ts',
      'test/destinations/platform/platform-errors.test.ts',
    ],
    faults: [
      ['this.#url ??= this.#lookUp(signal);', 'this.#url = this.#lookUp(signal);'],
      ['this.#url = undefined; throw error;', 'throw error;'],
      ['if (response.status !== 401) return response;', 'return response;'],
      ['this.#session.invalidate(token);', ''],
      ["if (pageToken === '') break;", 'break;'],
    ],
  },
  'src/standalone/tracer/ids.ts': {
    tests: ['test/standalone/tracer/ids.test.ts'],
    faults: [
      ['if (used + length > pool.length) refill();', 'if (pool.length === 0) refill();'],
      ['used = end;', ''],
      ['sum === 0 ? randomId(length) : id', 'id'],
      ['POOL_BYTES)); used = 0;', 'POOL_BYTES));'],
    ],
  },
  'src/standalone/tracer/recorded-span.ts': {
    tests: ['test/standalone/tracer/tracer-provider.test.ts'],
    faults: [
      ['if (this.#ended) return; this.#ended = true;', 'this.#ended = true;'],
      ['this.#ended = true; this.endTime', 'this.endTime'],
      ['if (!this.#ended) this.#keep(key, value);', 'this.#keep(key, value);'],
      ['if (!this.#ended) this.name = name;', 'this.name = name;'],
      ['this.#attributeCount += 1;', ''],
      ['this.droppedAttributesCount += 1;', ''],
      ['this.events.shift();', ''],
      ['&& this.status.code !== SpanStatusCode.OK)', ')'],
      ['if (content) putContent(span, content);', ''],
      ['if (this.#ended) return this; const isTime', 'const isTime'],
    ],
  },
  'src/langchain/handler/registries.ts': {
    tests: ['test/langchain/handler/registries.test.ts'],
    faults: [
      ['if (latest?.provider !== actual) latest = {', 'latest ??= {'],
      ['registries.set(provider, registry);', ''],
      ['holder[REGISTRIES] ??= new WeakMap();', 'holder[REGISTRIES] = new WeakMap();'],
      ['if (problem !== undefined) warnUserOnce(problem);', ''],
    ],
  },
  'src/langchain/instrumentation/patches.ts': {
    tests: ['test/langchain/instrumentation/patches.test.ts'],
    faults: [
      ['|| this.#replaced.get(owner)?.has(name)) return;', ') return;'],
      ['this.#isActive = false;', ''],
      ['for (const restore of this.#restorers.splice(0))', 'for (const restore of [] as (() => void)[])'],
      ['if (Object.getOwnPropertyDescriptor(owner, name)?.value !== patched) return;', ''],
      ['this.#markReplaced(owner, name);', ''],
    ],
  },
  'src/server/security/credentials/credential-file.ts': {
    tests: ['test/server/security/credentials.test.ts'],
    faults: [
      ["this.#last = readFileSync(this.#path, 'utf8');", "readFileSync(this.#path, 'utf8');"],
      ['if (text === this.#last) return;', ''],
      ['this.#last = text; credentials', 'credentials'],
      ['if (!(error instanceof CredentialsError)) this.#last = problem;', ''],
      ['onProblem(problem); if', 'if'],
      ['onChange(credentials);', ''],
    ],
  },
  'src/server/engines/memory/contents/record-contents.ts': {
    tests: ['test/server/engines/memory/contents/record-contents.test.ts'],
    faults: [
      ['counts.end = 0;', ''],
      ['counts.add(promptEdits + 1);', 'counts.add(0);'],
      [
        'if (this.#kept.size >= MAX_KEPT) this.#kept.clear();',
        '',
        'equivalent in what is read: the limit bounds the memory',
      ],
      ['this.#kept.delete(seq);', ''],
      ['this.#jsons.remove(json);', ''],
      ['this.#jsons.clear();', ''],
      ['this.#kept.clear(); }', '}'],
      ['separator = COMMA;', ''],
    ],
  },
  'src/server/engines/memory/table/row-marks.ts': {
    tests: ['test/server/engines/memory/table/row-marks.test.ts'],
    faults: [
      ['this.#byQuery.delete(key); this.#byQuery.set(key, marks);', ''],
      ['if (this.#byQuery.size > MAX_QUERIES) this.#byQuery.delete(oldest);', 'void oldest;'],
      ['if (row >= marks.rows.length && mark === 1) marks.rows', 'if (false) marks.rows'],
      ['if (row < marks.rows.length) marks.rows[row] = mark;', 'if (mark) marks.rows[row] = mark;'],
      ['rows.copyWithin(0, count);', ''],
      ['rows.fill(0, Math.max(0, rows.length - count));', ''],
      ['this.#byQuery.clear();', ''],
      ['larger.set(rows);', ''],
    ],
  },
};
