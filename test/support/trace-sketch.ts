import {
  context,
  SpanKind,
  SpanStatusCode,
  trace,
  type Attributes,
  type Context,
  type Span,
  type Tracer,
} from '@opentelemetry/api';

/** The parts of an LLM call that a test chooses. */
export interface ChatSketch {
  readonly prompt?: string;
  /** Messages before the prompt. */
  readonly history?: readonly object[];
  /** Messages after it, as an agent's second step has them. */
  readonly steps?: readonly object[];
  readonly answer?: string;
  readonly toolCalls?: readonly string[];
  readonly model?: string;
  readonly tokens?: readonly [input: number, output: number];
  readonly error?: string;
  readonly attributes?: Attributes;
  readonly below?: Context;
}

export const userMessage = (content: string) => ({ role: 'user', parts: [{ type: 'text', content }] });
export const toolResult = (id: string, response: string) => ({
  role: 'tool',
  parts: [{ type: 'tool_call_response', id, response }],
});

/** Starts and ends the span of an LLM call in the GenAI conventions. */
export function chat(tracer: Tracer, sketch: ChatSketch = {}): Span {
  const span = startChat(tracer, sketch);
  endChat(span, sketch);
  return span;
}

export function startChat(
  tracer: Tracer,
  { model = 'gpt-4o-mini', attributes = {}, below = context.active() }: ChatSketch,
): Span {
  return tracer.startSpan(
    `chat ${model}`,
    {
      kind: SpanKind.CLIENT,
      attributes: {
        'gen_ai.operation.name': 'chat',
        'gen_ai.provider.name': 'openai',
        'gen_ai.request.model': model,
        ...attributes,
      },
    },
    below,
  );
}

export function endChat(span: Span, sketch: ChatSketch): void {
  const { prompt, history = [], steps = [], answer, toolCalls = [], tokens, error } = sketch;
  const asked = prompt === undefined ? [] : [userMessage(prompt)];
  span.setAttribute('gen_ai.input.messages', JSON.stringify([...history, ...asked, ...steps]));
  const parts = [
    ...(answer === undefined ? [] : [{ type: 'text', content: answer }]),
    ...toolCalls.map((name, at) => ({ type: 'tool_call', id: `${name}-${at}`, name, arguments: {} })),
  ];
  if (parts.length > 0)
    span.setAttribute('gen_ai.output.messages', JSON.stringify([{ role: 'assistant', parts }]));
  if (tokens)
    span.setAttributes({ 'gen_ai.usage.input_tokens': tokens[0], 'gen_ai.usage.output_tokens': tokens[1] });
  if (error !== undefined) {
    span.setAttribute('error.type', error);
    span.setStatus({ code: SpanStatusCode.ERROR });
  }
  span.end();
}

/** Runs `inside` below a span such as that of an agent, workflow, tool or request, and ends the span after it. */
export function around<T>(
  tracer: Tracer,
  name: string,
  attributes: Attributes,
  inside: (below: Context) => T,
  options: { kind?: SpanKind; below?: Context } = {},
): T {
  const below = options.below ?? context.active();
  const span = tracer.startSpan(name, { kind: options.kind ?? SpanKind.INTERNAL, attributes }, below);
  const result = inside(trace.setSpan(below, span));
  span.end();
  return result;
}

export const agent = (name: string): Attributes => ({
  'gen_ai.operation.name': 'invoke_agent',
  'gen_ai.agent.name': name,
});
export const tool = (name: string): Attributes => ({
  'gen_ai.operation.name': 'execute_tool',
  'gen_ai.tool.name': name,
});
