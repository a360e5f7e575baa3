import { FakeListChatModel } from '@langchain/core/utils/testing';
import { trubricsHandler } from 'opentelemetry-exporter-trubrics/standalone';

export const runtime = 'edge';

const handler = trubricsHandler();

export async function GET() {
  const answer = await new FakeListChatModel({ responses: ['Rome.'] }).invoke('Edge?', {
    callbacks: [handler],
    metadata: { user_id: 'ada' },
  });
  await handler.flush();
  return Response.json({ text: answer.content });
}
