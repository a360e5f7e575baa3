import { describe, expect, test } from 'vitest';
import { CHAT, readSketch } from '../../support/read-call.js';

describe('OpenLIT', () => {
  test('an OpenLIT chat span with tool names is a call, and its defaults are not set', () => {
    const call = readSketch({
      attributes: {
        ...CHAT,
        'telemetry.sdk.name': 'openlit',
        'gen_ai.tool.name': 'f, g',
        'gen_ai.request.temperature': 1,
        'gen_ai.request.top_p': 0.5,
        'gen_ai.request.is_stream': true,
        userId: 'u-1',
        sessionId: 's-1',
        team: 'x',
      },
    });
    expect(call).toMatchObject({
      dialect: 'openlit',
      parameters: { topP: 0.5 },
      streaming: true,
      userId: 'u-1',
      threadId: 's-1',
      metadata: { team: 'x' },
    });
    expect(call.parameters).not.toHaveProperty('temperature');
  });
});
