// Uses every entry of the package, which the caller has loaded in its own way. CommonJS, so that both kinds of modules can load this file.

/** Asks a fake model through each component. Returns the records that the local Trubrics got, by their prompt. */
exports.useEveryEntry = async function useEveryEntry(modules) {
  const { root, langchain, node, server, standalone, sdk, testing } = modules;
  const { FakeListChatModel } = testing;
  const trubrics = await server.startServer({ port: 0 });
  const options = { host: trubrics.ingestionUrl, flushOnExit: false };
  const ask = (prompt, handler) =>
    new FakeListChatModel({ responses: ['Rome.'] }).invoke(prompt, {
      callbacks: [handler],
      metadata: { user_id: 'ada' },
    });
  const provide = (processor) => new sdk.NodeTracerProvider({ spanProcessors: [processor] });
  try {
    const first = provide(new root.TrubricsSpanProcessor(options));
    await ask('processor', new langchain.TrubricsCallbackHandler({ tracerProvider: first }));
    await first.shutdown();
    const second = provide(new sdk.BatchSpanProcessor(new root.TrubricsSpanExporter(options)));
    await ask('exporter', new langchain.TrubricsCallbackHandler({ tracerProvider: second }));
    await second.shutdown();
    const handler = standalone.trubricsHandler(options);
    await ask('standalone', handler);
    await handler.shutdown();
    const client = new root.TrubricsClient(options);
    client.trackPrompt({ prompt: 'client', generation: 'Rome.', userId: 'ada', assistantId: 'm' });
    await client.shutdown();
    if (typeof node.fileSpool !== 'function') throw new Error('no fileSpool');
    return trubrics
      .records()
      .map(({ userId, prompt, generation }) => `${userId}: ${prompt}: ${generation}`)
      .sort();
  } finally {
    await trubrics.close();
  }
};

exports.EXPECTED = ['client', 'exporter', 'processor', 'standalone'].map((prompt) => `ada: ${prompt}: Rome.`);
