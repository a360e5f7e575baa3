// Fastify: a hook sets the user of every LLM call of the request. It must be a callback hook, because the context of an async hook
// ends with the hook.
// Run it: node examples/identity-fastify.mjs
import fastify from 'fastify';
import { withTrubrics } from 'opentelemetry-exporter-trubrics';
import { answer, askAsTwo, sendTo } from './support/web-app.mjs';

const app = fastify();
// preHandler: the body is parsed and the user is known. In your application: request.user.id, not a header.
app.addHook('preHandler', (request, reply, done) => {
  withTrubrics({ userId: request.headers['x-user'], threadId: request.body?.chatId }, done);
});

// oxlint-disable-next-line oxc/no-async-endpoint-handlers -- The rule is for Express 4.
app.post('/chat', async (request) => ({ answer: await answer(request.body.question) }));

await app.listen({ port: 0, host: '127.0.0.1' });
await askAsTwo(sendTo(app.server.address().port));
await app.close();
