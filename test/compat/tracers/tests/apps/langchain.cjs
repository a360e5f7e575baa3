// Knows nothing of tracing.
const { ChatOpenAI } = require('@langchain/openai');

void new ChatOpenAI({ model: 'gpt-4o-mini' }).invoke('LangChain?', { metadata: { user_id: 'ada' } });
