import { AIMessage, HumanMessage, SystemMessage, ToolMessage } from '@langchain/core/messages';
import { ChatPromptTemplate } from '@langchain/core/prompts';
import { FakeListChatModel } from '@langchain/core/utils/testing';
import { describe, expect, test } from 'vitest';
import { json } from '../../support/tracing.js';
import { useContextManager } from '../../support/use-context-manager.js';
import { useChatSpan, useHandler } from '../../support/use-handler.js';

useContextManager();

describe('messages', () => {
  test('messages of every role are converted, with leading system messages apart', () => {
    const span = useChatSpan([
      new SystemMessage('Be brief.'),
      new HumanMessage({ content: 'hi', name: 'Ada' }),
      new AIMessage({ content: '', tool_calls: [{ id: 'c', name: 'search', args: { q: 1 } }] }),
      new ToolMessage({ content: 'found', tool_call_id: 'c' }),
      new SystemMessage('In between.'),
    ]);

    expect(json(span, 'gen_ai.system_instructions')).toEqual([{ type: 'text', content: 'Be brief.' }]);
    expect(json(span, 'gen_ai.input.messages')).toEqual([
      { role: 'user', name: 'Ada', parts: [{ type: 'text', content: 'hi' }] },
      {
        role: 'assistant',
        parts: [{ type: 'tool_call', id: 'c', name: 'search', arguments: { q: 1 } }],
      },
      { role: 'tool', parts: [{ type: 'tool_call_response', id: 'c', response: 'found' }] },
      { role: 'system', parts: [{ type: 'text', content: 'In between.' }] },
    ]);
  });

  const base64 = 'QUJD'.repeat(1_000);
  const media: [string, unknown, unknown][] = [
    [
      'a URL',
      { type: 'image_url', image_url: { url: 'https://example.com/a.png' } },
      { type: 'uri', modality: 'image', uri: 'https://example.com/a.png' },
    ],
    [
      'a data URL',
      { type: 'image_url', image_url: { url: `data:image/png;base64,${base64}` } },
      { type: 'blob', modality: 'image', mime_type: 'image/png', byte_size: 3_000 },
    ],
    [
      "LangChain 0.3's data block",
      { type: 'image', source_type: 'base64', mime_type: 'image/png', data: base64 },
      { type: 'blob', modality: 'image', mime_type: 'image/png', byte_size: 3_000 },
    ],
    [
      "LangChain 1's data block",
      { type: 'audio', mimeType: 'audio/wav', data: base64 },
      { type: 'blob', modality: 'audio', mime_type: 'audio/wav', byte_size: 3_000 },
    ],
    [
      "Anthropic's image",
      { type: 'image', source: { type: 'base64', media_type: 'image/png', data: base64 } },
      { type: 'blob', modality: 'image', mime_type: 'image/png', byte_size: 3_000 },
    ],
    [
      "OpenAI's audio",
      { type: 'input_audio', input_audio: { data: base64, format: 'wav' } },
      { type: 'blob', modality: 'audio', mime_type: 'audio/wav', byte_size: 3_000 },
    ],
    [
      "OpenAI's file",
      { type: 'file', file: { file_id: 'file-1' } },
      { type: 'file', modality: 'document', file_id: 'file-1' },
    ],
    [
      "Google's media",
      { type: 'media', mimeType: 'video/mp4', data: base64 },
      { type: 'blob', modality: 'video', mime_type: 'video/mp4', byte_size: 3_000 },
    ],
    [
      'bytes',
      { type: 'image', data: new Uint8Array(5), mimeType: 'image/png' },
      { type: 'blob', modality: 'image', mime_type: 'image/png', byte_size: 5 },
    ],
    [
      "Google's media by reference",
      { type: 'media', mimeType: 'application/pdf', fileUri: 'gs://b/f.pdf' },
      { type: 'uri', modality: 'document', mime_type: 'application/pdf', uri: 'gs://b/f.pdf' },
    ],
    [
      "Google's inline data",
      { type: 'inlineData', inlineData: { mimeType: 'image/png', data: base64 } },
      { type: 'blob', modality: 'image', mime_type: 'image/png', byte_size: 3_000 },
    ],
    [
      "Google's inline data without a type",
      { inlineData: { mimeType: 'image/png', data: base64 } },
      { type: 'blob', modality: 'image', mime_type: 'image/png', byte_size: 3_000 },
    ],
    [
      "Bedrock's image",
      { type: 'image', image: { format: 'png', source: { bytes: new Uint8Array(5) } } },
      { type: 'blob', modality: 'image', mime_type: 'image/png', byte_size: 5 },
    ],
    [
      "Bedrock's document",
      { type: 'document', document: { name: 'd', format: 'pdf', source: { bytes: new Uint8Array(5) } } },
      { type: 'blob', modality: 'document', mime_type: 'application/pdf', byte_size: 5 },
    ],
    ['something unknown', { type: 'hologram', data: base64 }, { type: 'generic', generic_type: 'hologram' }],
  ];
  test.each(media)('a content block with %s is recorded without its binary content', (_name, block, part) => {
    const span = useChatSpan([
      new HumanMessage({ content: [{ type: 'text', text: 'Look:' }, block] as never }),
    ]);

    expect(json(span, 'gen_ai.input.messages')).toEqual([
      { role: 'user', parts: [{ type: 'text', content: 'Look:' }, part] },
    ]);
    expect(JSON.stringify(span.attributes)).not.toContain('QUJDQUJD');
  });

  test('base64 text in arguments, results, documents and messages is replaced by its size', async () => {
    const { otel, handler } = useHandler();
    const data = { type: 'image', data: base64 };
    const call = { id: 'c', name: 'draw', args: data };

    handler.handleToolStart({ name: 'draw' }, JSON.stringify(data), 'tool', undefined, [], { icon: base64 });
    handler.handleToolEnd(data, 'tool');
    handler.handleRetrieverStart({}, base64, 'retriever');
    handler.handleRetrieverEnd([{ pageContent: `data:image/png;base64,${base64}` }], 'retriever');
    handler.handleChatModelStart(
      {},
      [
        [
          new HumanMessage(`![](data:image/png;base64,${base64})`),
          new AIMessage({ content: '', tool_calls: [call] }),
          new ToolMessage({ tool_call_id: 'c', content: JSON.stringify(data) }),
        ],
      ],
      'model',
    );
    handler.handleLLMEnd(
      { generations: [[{ message: new AIMessage({ content: '', tool_calls: [call] }) }]] },
      'model',
    );

    expect(otel.spans).toHaveLength(3);
    expect(JSON.stringify(otel.spans.map(({ attributes }) => attributes))).not.toContain('QUJDQUJD');
    expect(json(otel.span('execute_tool draw'), 'gen_ai.tool.call.result')).toEqual({
      type: 'image',
      data: '[base64, 3000 bytes]',
    });
  });

  test('the prompt template is recorded on the model run that follows the prompt', async () => {
    const { otel, handler } = useHandler();
    const prompt = ChatPromptTemplate.fromMessages([
      ['system', 'You are {who}.'],
      ['human', '{question}'],
    ]);

    await prompt
      .pipe(new FakeListChatModel({ responses: ['a'] }))
      .invoke({ who: 'a cat', question: 'hi' }, { callbacks: [handler] });

    expect(otel.span('chat').attributes['trubrics.prompt_template']).toBe(
      'system: You are {who}.\nuser: {question}',
    );
  });

  test.each([
    ['of Langfuse', { langfusePrompt: { name: 'greet', version: 3, prompt: 'You are …' } }, 'greet', '3'],
    ['by its name', { prompt_name: 'greet', prompt_version: '2026-01' }, 'greet', '2026-01'],
    [
      "of LangSmith's hub",
      { lc_hub_owner: 'me', lc_hub_repo: 'greet', lc_hub_commit_hash: 'c18' },
      'greet',
      'c18',
    ],
  ])(
    'the model run after a prompt %s says which prompt it was, also without content',
    async (_name, metadata, name, version) => {
      const { otel, handler } = useHandler({ content: 'none' });
      const prompt = ChatPromptTemplate.fromMessages([['human', '{question}']]).withConfig({ metadata });
      await prompt
        .pipe(new FakeListChatModel({ responses: ['a'] }))
        .invoke({ question: 'hi' }, { callbacks: [handler] });
      expect(otel.span('chat').attributes).toMatchObject({
        'trubrics.prompt.name': name,
        'trubrics.prompt.version': version,
      });
    },
  );

  test('a whole prompt in metadata is on no span, whatever the run, but its name and version are', async () => {
    const { otel, handler } = useHandler({ content: 'none' });
    const whole = { name: 'greet', version: 3, prompt: 'You are a pirate', config: { note: 'pirate' } };
    await ChatPromptTemplate.fromMessages([['human', '{question}']])
      .pipe(new FakeListChatModel({ responses: ['a'] }))
      .invoke({ question: 'hi' }, { callbacks: [handler], metadata: { langfusePrompt: whole, plan: 'pro' } });
    expect(otel.span('chat').attributes).toMatchObject({
      'trubrics.prompt.name': 'greet',
      'trubrics.prompt.version': '3',
      'trubrics.metadata': '{"plan":"pro"}',
    });
    expect(otel.spans.length).toBeGreaterThan(1);
    expect(JSON.stringify(otel.spans.map(({ attributes }) => attributes))).not.toContain('pirate');
  });
});
