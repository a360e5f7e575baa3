/**
 * Names of attributes, metrics and events. `gen_ai.*` follows the GenAI semantic conventions v1.41.1, the last published release.
 * They are written out here because no npm package publishes them any more (opentelemetry-js#6783).
 */

export const ATTR_GEN_AI_OPERATION_NAME = 'gen_ai.operation.name';
export const ATTR_GEN_AI_PROVIDER_NAME = 'gen_ai.provider.name';
/** Renamed to `gen_ai.provider.name` in v1.37. */
export const ATTR_GEN_AI_SYSTEM = 'gen_ai.system';
export const ATTR_GEN_AI_CONVERSATION_ID = 'gen_ai.conversation.id';
export const ATTR_GEN_AI_OUTPUT_TYPE = 'gen_ai.output.type';

export const ATTR_GEN_AI_REQUEST_MODEL = 'gen_ai.request.model';
export const ATTR_GEN_AI_REQUEST_TEMPERATURE = 'gen_ai.request.temperature';
export const ATTR_GEN_AI_REQUEST_TOP_P = 'gen_ai.request.top_p';
export const ATTR_GEN_AI_REQUEST_TOP_K = 'gen_ai.request.top_k';
export const ATTR_GEN_AI_REQUEST_MAX_TOKENS = 'gen_ai.request.max_tokens';
export const ATTR_GEN_AI_REQUEST_FREQUENCY_PENALTY = 'gen_ai.request.frequency_penalty';
export const ATTR_GEN_AI_REQUEST_PRESENCE_PENALTY = 'gen_ai.request.presence_penalty';
export const ATTR_GEN_AI_REQUEST_SEED = 'gen_ai.request.seed';
export const ATTR_GEN_AI_REQUEST_STOP_SEQUENCES = 'gen_ai.request.stop_sequences';
export const ATTR_GEN_AI_REQUEST_CHOICE_COUNT = 'gen_ai.request.choice.count';
export const ATTR_GEN_AI_REQUEST_STREAM = 'gen_ai.request.stream';

export const ATTR_GEN_AI_RESPONSE_ID = 'gen_ai.response.id';
export const ATTR_GEN_AI_RESPONSE_MODEL = 'gen_ai.response.model';
export const ATTR_GEN_AI_RESPONSE_FINISH_REASONS = 'gen_ai.response.finish_reasons';
/** Seconds. Since v1.41. */
export const ATTR_GEN_AI_RESPONSE_TIME_TO_FIRST_CHUNK = 'gen_ai.response.time_to_first_chunk';

export const ATTR_GEN_AI_USAGE_INPUT_TOKENS = 'gen_ai.usage.input_tokens';
export const ATTR_GEN_AI_USAGE_OUTPUT_TOKENS = 'gen_ai.usage.output_tokens';
/** Not in the conventions, but written by LangSmith and OpenLLMetry. */
export const ATTR_GEN_AI_USAGE_TOTAL_TOKENS = 'gen_ai.usage.total_tokens';
export const ATTR_GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS = 'gen_ai.usage.cache_read.input_tokens';
export const ATTR_GEN_AI_USAGE_CACHE_CREATION_INPUT_TOKENS = 'gen_ai.usage.cache_creation.input_tokens';
/** The next name of `cache_creation` (semantic-conventions-genai#440). Read, but not yet written. */
export const ATTR_GEN_AI_USAGE_CACHE_WRITE_INPUT_TOKENS = 'gen_ai.usage.cache_write.input_tokens';
export const ATTR_GEN_AI_USAGE_REASONING_OUTPUT_TOKENS = 'gen_ai.usage.reasoning.output_tokens';

export const ATTR_GEN_AI_SYSTEM_INSTRUCTIONS = 'gen_ai.system_instructions';
export const ATTR_GEN_AI_INPUT_MESSAGES = 'gen_ai.input.messages';
export const ATTR_GEN_AI_OUTPUT_MESSAGES = 'gen_ai.output.messages';
export const ATTR_GEN_AI_TOOL_DEFINITIONS = 'gen_ai.tool.definitions';

export const ATTR_GEN_AI_TOOL_NAME = 'gen_ai.tool.name';
export const ATTR_GEN_AI_TOOL_TYPE = 'gen_ai.tool.type';
export const ATTR_GEN_AI_TOOL_DESCRIPTION = 'gen_ai.tool.description';
export const ATTR_GEN_AI_TOOL_CALL_ID = 'gen_ai.tool.call.id';
export const ATTR_GEN_AI_TOOL_CALL_ARGUMENTS = 'gen_ai.tool.call.arguments';
export const ATTR_GEN_AI_TOOL_CALL_RESULT = 'gen_ai.tool.call.result';
export const ATTR_GEN_AI_AGENT_NAME = 'gen_ai.agent.name';
export const ATTR_GEN_AI_WORKFLOW_NAME = 'gen_ai.workflow.name';
export const ATTR_GEN_AI_RETRIEVAL_QUERY_TEXT = 'gen_ai.retrieval.query.text';
export const ATTR_GEN_AI_RETRIEVAL_DOCUMENTS = 'gen_ai.retrieval.documents';

/** Attribute of the token metric: `input` or `output`. */
export const ATTR_GEN_AI_TOKEN_TYPE = 'gen_ai.token.type';

export const METRIC_GEN_AI_CLIENT_TOKEN_USAGE = 'gen_ai.client.token.usage';
export const METRIC_GEN_AI_CLIENT_OPERATION_DURATION = 'gen_ai.client.operation.duration';
export const METRIC_GEN_AI_CLIENT_OPERATION_TIME_TO_FIRST_CHUNK =
  'gen_ai.client.operation.time_to_first_chunk';

export const ATTR_SERVER_ADDRESS = 'server.address';
export const ATTR_SERVER_PORT = 'server.port';
export const ATTR_ERROR_TYPE = 'error.type';
export const ATTR_EXCEPTION_TYPE = 'exception.type';
export const ATTR_EXCEPTION_MESSAGE = 'exception.message';
export const ATTR_EXCEPTION_STACKTRACE = 'exception.stacktrace';
export const ATTR_USER_ID = 'user.id';
export const ATTR_ENDUSER_ID = 'enduser.id';
export const ATTR_ENDUSER_PSEUDO_ID = 'enduser.pseudo.id';
export const ATTR_SESSION_ID = 'session.id';
export const ATTR_SERVICE_NAME = 'service.name';
export const ATTR_SERVICE_VERSION = 'service.version';
export const ATTR_DEPLOYMENT_ENVIRONMENT_NAME = 'deployment.environment.name';
/** Renamed to `deployment.environment.name` in v1.27. */
export const ATTR_DEPLOYMENT_ENVIRONMENT = 'deployment.environment';

export const OPERATION_CHAT = 'chat';
export const OPERATION_TEXT_COMPLETION = 'text_completion';
export const OPERATION_GENERATE_CONTENT = 'generate_content';
export const OPERATION_EXECUTE_TOOL = 'execute_tool';
export const OPERATION_RETRIEVAL = 'retrieval';
export const OPERATION_INVOKE_AGENT = 'invoke_agent';
export const OPERATION_INVOKE_WORKFLOW = 'invoke_workflow';

/** Names of this package, where the conventions have none. */

/** Tags of the call, string[]. */
export const ATTR_TRUBRICS_TAGS = 'trubrics.tags';
/** The user's metadata as one JSON object, so that it counts as one of the 128 attributes that a span may have. */
export const ATTR_TRUBRICS_METADATA = 'trubrics.metadata';
/** False on a span keeps the LLM calls on and below it out of Trubrics. */
export const ATTR_TRUBRICS_RECORD = 'trubrics.record';
/** Template of the prompt. */
export const ATTR_TRUBRICS_PROMPT_TEMPLATE = 'trubrics.prompt_template';
/** Name of the prompt in a prompt store. */
export const ATTR_TRUBRICS_PROMPT_NAME = 'trubrics.prompt.name';
/** Version of the prompt in its store: a number, a hash or a label. */
export const ATTR_TRUBRICS_PROMPT_VERSION = 'trubrics.prompt.version';
/** LangChain's id of the run. */
export const ATTR_TRUBRICS_RUN_ID = 'trubrics.run.id';
/** Type of the LangChain run: `llm`, `chat_model`, `chain`, `tool`, `retriever`. */
export const ATTR_TRUBRICS_RUN_TYPE = 'trubrics.run.type';
/** True if the answer came from LangChain's cache. */
export const ATTR_TRUBRICS_CACHED = 'trubrics.cached';
/** True if the call was stopped before its answer was complete: aborted, or left by its reader. */
export const ATTR_TRUBRICS_ABORTED = 'trubrics.aborted';
/** Format that the request asks for, in short: `json_object`, `json_schema`, … */
export const ATTR_TRUBRICS_RESPONSE_FORMAT = 'trubrics.response_format';
/** Choice of tools in the request, in short: `auto`, `any`, `none`, … or the name of the tool that must be called. */
export const ATTR_TRUBRICS_TOOL_CHOICE = 'trubrics.tool_choice';
/** True if LangChain never reported the end of the run. The answer is what had arrived until then. */
export const ATTR_TRUBRICS_ABANDONED = 'trubrics.abandoned';
/** Cost of the call in US dollars, as told by the provider (OpenRouter). */
export const ATTR_TRUBRICS_COST = 'trubrics.cost';
/** True if the token counts are LangChain's estimate, not the provider's count. */
export const ATTR_TRUBRICS_USAGE_ESTIMATED = 'trubrics.usage.estimated';
/** Event attribute: how LangGraph left a node on purpose, for instance `GraphInterrupt`. Not an error. */
export const ATTR_TRUBRICS_CONTROL_FLOW = 'trubrics.control_flow';
/** Event attribute: values of a LangGraph interrupt, as JSON. */
export const ATTR_TRUBRICS_INTERRUPTS = 'trubrics.interrupts';

/** Span events of the LangChain handler. */
export const EVENT_CONTROL_FLOW = 'langgraph.control_flow';
export const EVENT_AGENT_ACTION = 'langchain.agent_action';
export const EVENT_AGENT_FINISH = 'langchain.agent_finish';

/** Event of a call with its attributes, mostly messages. */
export const EVENT_INFERENCE_DETAILS = 'gen_ai.client.inference.operation.details';
/** Event for the result of an evaluation, by a program or a person. */
export const EVENT_EVALUATION_RESULT = 'gen_ai.evaluation.result';
