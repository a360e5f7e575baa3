import { openai } from '@ai-sdk/openai';
import { streamText } from 'ai';
import { withTrubrics } from 'opentelemetry-exporter-trubrics';

export function GET() {
  return withTrubrics({ userId: 'grace' }, () =>
    streamText({ model: openai.chat('gpt-4o-mini'), prompt: 'Streamed?' }).toTextStreamResponse(),
  );
}

export const dynamic = 'force-dynamic';
