import { RunnableBranch, RunnableLambda } from '@langchain/core/runnables';
import { FakeListChatModel } from '@langchain/core/utils/testing';
import { describe, expect, test } from 'vitest';
import { withTrubrics } from '../../../src/identity/with-trubrics.js';
import {
  TrubricsCallbackHandler,
  type TrubricsCallbackHandlerOptions,
} from '../../../src/langchain/index.js';
import { json, tracing } from '../../support/tracing.js';
import { useDiag } from '../../support/use-diag.js';
import { useContextManager } from '../../support/use-context-manager.js';

useContextManager();

function setUp(options: TrubricsCallbackHandlerOptions = {}) {
  const otel = tracing();
  const handler = new TrubricsCallbackHandler({ tracerProvider: otel.tracerProvider, ...options });
  return { otel, handler, model: new FakeListChatModel({ responses: ['answer'] }) };
}

/** An object that has its text from `toString()`, as ids of MongoDB and UUIDs have. */
function objectId(text: string): object {
  return new (class ObjectId {
    readonly #text = text;
    toString(): string {
      return this.#text;
    }
  })();
}

describe('identity of a run', () => {
  const userKeys = ['user_id', 'userId', 'langfuseUserId'];
  test.each(userKeys)('metadata.%s is the user and not part of the recorded metadata', async (key) => {
    const { otel, handler, model } = setUp({ userId: 'of the handler' });

    await model.invoke('hi', { callbacks: [handler], metadata: { [key]: 'u-1', plan: 'free' } });

    expect(otel.span('chat').attributes['user.id']).toBe('u-1');
    expect(json(otel.span('chat'), 'trubrics.metadata')).toEqual({ plan: 'free' });
  });

  const threadKeys = [
    'thread_id',
    'threadId',
    'session_id',
    'sessionId',
    'conversation_id',
    'langfuseSessionId',
  ];
  test.each(threadKeys)('metadata.%s is the conversation', async (key) => {
    const { otel, handler, model } = setUp({ threadId: 'of the handler' });

    await model.invoke('hi', { callbacks: [handler], metadata: { [key]: 't-1' } });

    expect(otel.span('chat').attributes).toMatchObject({
      'session.id': 't-1',
      'gen_ai.conversation.id': 't-1',
    });
    expect(otel.span('chat').attributes).not.toHaveProperty('trubrics.metadata');
  });

  test("ids in the handler's metadata have the effect of its options", async () => {
    const { otel, handler, model } = setUp({ metadata: { user_id: 'u-1', thread_id: 't-1', plan: 'free' } });

    await model.invoke('hi', { callbacks: [handler] });

    expect(otel.span('chat').attributes).toMatchObject({ 'user.id': 'u-1', 'session.id': 't-1' });
    expect(json(otel.span('chat'), 'trubrics.metadata')).toEqual({ plan: 'free' });
  });

  test('a number in metadata is accepted as a user id', async () => {
    const { otel, handler, model } = setUp();

    await model.invoke('hi', { callbacks: [handler], metadata: { user_id: 42 } });

    expect(otel.span('chat').attributes['user.id']).toBe('42');
  });

  test('user and conversation are on every span below the call that has them', async () => {
    const { otel, handler, model } = setUp();
    const chain = RunnableLambda.from((text: string, config) => model.invoke(text, config)).pipe(
      (m) => m.text,
    );

    await chain.invoke('hi', { callbacks: [handler], metadata: { user_id: 'u-1', thread_id: 't-1' } });

    expect(otel.spans.length).toBeGreaterThan(2);
    for (const { attributes } of otel.spans) {
      expect(attributes).toMatchObject({ 'user.id': 'u-1', 'session.id': 't-1' });
    }
  });

  test('a child run inherits the user if LangChain does not pass the metadata on', () => {
    const { otel, handler } = setUp({ userId: 'of the handler' });

    handler.handleChainStart({}, {}, 'chain', undefined, [], { user_id: 'u-1' });
    handler.handleChatModelStart({}, [[]], 'model', 'chain', {}, [], {});
    handler.handleLLMEnd({ generations: [] }, 'model');

    expect(otel.span('chat').attributes['user.id']).toBe('u-1');
  });

  test('ids of withTrubrics() have the lowest priority; its tags and properties are merged', async () => {
    const { otel, handler, model } = setUp({ threadId: 't-handler', metadata: { b: 'handler' } });

    await withTrubrics(
      { userId: 'u-ctx', threadId: 't-ctx', tags: ['ctx'], properties: { a: 1, b: 1 } },
      () => model.invoke('hi', { callbacks: [handler], tags: ['run'] }),
    );

    const span = otel.span('chat');
    expect(span.attributes).toMatchObject({ 'user.id': 'u-ctx', 'session.id': 't-handler' });
    expect(span.attributes['trubrics.tags']).toEqual(['langchain', 'run', 'ctx']);
    expect(json(span, 'trubrics.metadata')).toEqual({ a: 1, b: 'handler' });
  });

  test.each([
    'seq:step:1',
    'map:key:answer',
    'retry:attempt:2',
    'graph:step:3',
    'langsmith:nostream',
    'branch:1',
    'branch:default',
    'condition:2',
    'nostream',
  ])('the internal tag %s is not recorded, but a tag of the user that resembles it is', (tag) => {
    const { otel, handler } = setUp();

    handler.handleChatModelStart({}, [[]], 'run', undefined, {}, [tag, `my ${tag}`, 'branch:north']);
    handler.handleLLMEnd({ generations: [] }, 'run');

    expect(otel.span('chat').attributes['trubrics.tags']).toEqual(['langchain', `my ${tag}`, 'branch:north']);
  });

  test('the tags of the branches of a RunnableBranch are not recorded', async () => {
    const { otel, handler, model } = setUp();
    const branch = RunnableBranch.from<string, unknown>([[(text: string) => text === 'yes', model], model]);

    for (const text of ['yes', 'no']) await branch.invoke(text, { callbacks: [handler], tags: ['mine'] });

    expect(otel.spans.length).toBeGreaterThan(4);
    for (const { attributes } of otel.spans)
      expect(attributes['trubrics.tags']).toEqual(['langchain', 'mine']);
  });

  test.each<[string, unknown, string]>([
    ['an ObjectId', objectId('507f1f77bcf86cd799439011'), '507f1f77bcf86cd799439011'],
    ['a UUID', objectId('0199c0de-0000-7000-8000-000000000001'), '0199c0de-0000-7000-8000-000000000001'],
    ['a bigint', 12n, '12'],
    ['a number', 42, '42'],
  ])('%s in metadata, handler or withTrubrics() is used as its text', async (_name, id, text) => {
    const { otel, handler, model } = setUp();
    const ofHandler = setUp({ metadata: { user_id: id } });

    await model.invoke('hi', { callbacks: [handler], metadata: { user_id: id, thread_id: id } });
    await withTrubrics({ userId: id as string, threadId: id as string }, () =>
      model.invoke('hi', { callbacks: [handler] }),
    );
    await model.invoke('hi', { callbacks: [ofHandler.handler] });

    for (const { attributes } of otel.spans)
      expect(attributes).toMatchObject({ 'user.id': text, 'session.id': text });
    expect(ofHandler.otel.span('chat').attributes['user.id']).toBe(text);
  });

  test.each<[unknown, string]>([
    [['a'], 'an array'],
    [{ id: 'a' }, 'an object'],
    [true, 'a boolean'],
    [new Uint8Array(2), 'an object of the class Uint8Array'],
    [Symbol('a'), 'a symbol'],
  ])('an id without a text of its own is named in a warning: %o', async (id, description) => {
    const diag = useDiag();
    const { otel, handler } = setUp();

    handler.handleChatModelStart({}, [[]], 'run', undefined, {}, [], { user_id: id });
    handler.handleLLMEnd({ generations: [] }, 'run');

    expect(otel.span('chat').attributes).not.toHaveProperty('user.id');
    const warning = diag.find(({ text }) => text.includes(`metadata.user_id is ${description}`));
    expect(warning?.level).toBe('warn');
  });

  test('tags and metadata that LangChain adds are not recorded', async () => {
    const { otel, handler, model } = setUp();
    const chain = RunnableLambda.from((text: string) => text).pipe(model);

    await chain.invoke('hi', {
      callbacks: [handler],
      tags: ['mine'],
      metadata: { mine: 1, langgraph_node: 'n', checkpoint_ns: 'c', lc_agent_name: undefined, __pregel: 1 },
    });

    const span = otel.span('chat');
    expect(span.attributes['trubrics.tags']).toEqual(['langchain', 'mine']);
    expect(json(span, 'trubrics.metadata')).toEqual({ mine: 1 });
  });
});
