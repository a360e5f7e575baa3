import { FakeListChatModel } from '@langchain/core/utils/testing';
import { TrubricsCallbackHandler } from 'opentelemetry-exporter-trubrics/langchain';

export async function GET() {
  const answer = await new FakeListChatModel({ responses: ['Rome.'] }).invoke('LangChain?', {
    callbacks: [new TrubricsCallbackHandler()],
    metadata: { user_id: 'ada' },
  });
  return Response.json({ text: answer.content });
}

export const dynamic = 'force-dynamic';
