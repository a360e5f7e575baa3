import { expect, test } from 'vitest';
import { contentAdvice } from '../../../src/reading/advice/content-advice.js';
import { recogniseSpan } from '../../../src/reading/dialects/read-llm-call.js';
import { scopeNameOf } from '../../../src/reading/model/span-like.js';
import { SWITCHES } from '../../readme/switches.js';
import { loadCaptures } from '../../support/captures.js';

/** Switches that decide whether there are spans at all: a span without content is not mended by them. */
const OF_SPANS =
  /LANGSMITH_TRACING|LANGSMITH_OTEL_ENABLED|USE_OTEL_LITELLM|callbacks: |observability|configureTelemetry|setTracerProvider/;

/** Names of options and variables in a text of the table of compatibility. */
function namesIn(text: string): readonly string[] {
  return [...text.matchAll(/`([^`]+)`/g)]
    .map(([, code = '']) => code)
    .filter((code) => !OF_SPANS.test(code) && !/^tracesSampleRate|^registerTracer|^_/.test(code))
    .map(
      (code) =>
        /[A-Z][A-Z_]{5,}|\w+(?=\s*[:=]\s*(?:true|false|'|\{))|instrument_\w+|registerTelemetry|include_content/.exec(
          code,
        )?.[0] ?? '',
    )
    .filter((name) => name !== '');
}

const cases = loadCaptures().flatMap(({ library, spans }) => {
  const span = spans.find((candidate) => recogniseSpan(candidate)?.role === 'llm');
  const names = namesIn(SWITCHES[library] ?? '');
  // The span that is read first is that of our handler.
  if (!span || names.length === 0 || library === 'langchain-handler-openinference') return [];
  return [{ library, scope: scopeNameOf(span), dialect: recogniseSpan(span)?.dialect.name ?? '', names }];
});

test('the advice for a span names a switch of the table of compatibility for its library', () => {
  expect(cases.length).toBeGreaterThan(40);
  const missing = cases.filter(({ scope, dialect, names }) => {
    const advice = contentAdvice(scope, dialect);
    return !names.some((name) => advice.includes(name));
  });
  expect(missing.map((one) => ({ ...one, advice: contentAdvice(one.scope, one.dialect) }))).toEqual([]);
});

test('a library that is not known gets the variable of the conventions', () => {
  expect(contentAdvice('shop', 'gen_ai')).toContain(
    'OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT=true',
  );
  expect(contentAdvice('ai-gateway', 'gen_ai')).toBe(contentAdvice('shop', 'gen_ai'));
  expect(contentAdvice('ai', 'vercel_ai_sdk')).toContain('experimental_telemetry');
  expect(contentAdvice('gen_ai', 'gen_ai')).toContain('registerTelemetry');
});
