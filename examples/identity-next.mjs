// Next.js: a wrapper around route handlers sets the user, because middleware.ts runs in another context. This example calls the
// handler as Next.js does: with a Request, awaiting a Response.
// Run it: node examples/identity-next.mjs
import { withTrubrics } from 'opentelemetry-exporter-trubrics';
import { answer, askAsTwo } from './support/web-app.mjs';

// lib/with-user.js
function withUser(handler) {
  return async (request, context) => {
    const { chatId } = await request.clone().json();
    // In your application: (await auth())?.user.id, not a header.
    return withTrubrics({ userId: request.headers.get('x-user') ?? undefined, threadId: chatId }, () =>
      handler(request, context),
    );
  };
}

// app/chat/route.js
export const POST = withUser(async (request) => {
  const { question } = await request.json();
  return Response.json({ answer: await answer(question) });
});

await askAsTwo((request) => POST(request, { params: Promise.resolve({}) }));
