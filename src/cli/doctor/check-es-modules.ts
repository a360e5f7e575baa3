import { type Finding, warning } from './finding.js';
import { importOf, type Project, variable } from './project.js';

/** Instrumentations that change the SDK of a provider while `require()` loads it. */
const INSTRUMENTATION =
  /['"](@(?:arizeai\/openinference-instrumentation|opentelemetry\/instrumentation|elastic\/opentelemetry-instrumentation|traceloop\/instrumentation)-(?:openai|anthropic|bedrock|cohere|google-generativeai|google-genai|vertexai|together|azure)|@traceloop\/node-server-sdk)['"]/;

/** An `import` of the SDK of a provider. */
const IMPORTED_SDK = importOf(
  'openai|@anthropic-ai/sdk|@aws-sdk/client-bedrock-runtime|cohere-ai|@google/genai|@google-cloud/vertexai|together-ai|@azure/openai',
);

/** Code or arguments with which an instrumentation gets a library that is imported. */
const GETS_IMPORTS =
  /instrumentation\/hook\.mjs|createAddHookMessageChannel|manuallyInstrument|instrumentModules/;

/** Checks that instrumentations see libraries that are imported as ES modules. Code that a compiler makes CommonJS of is not one. */
export function checkEsModules(project: Project): Finding[] {
  const instrumentation = firstMatch(project.sources, INSTRUMENTATION);
  const sdk = firstMatch(
    project.sources.filter(({ path }) => isEsModule(project, path)),
    IMPORTED_SDK,
  );
  if (instrumentation === undefined || sdk === undefined) return [];
  const lines = [...project.scripts, variable(project, 'NODE_OPTIONS') ?? ''];
  const texts = [...project.sources.map(({ code }) => code), ...lines];
  if (texts.some((text) => GETS_IMPORTS.test(text))) return [];
  return [
    warning(
      'es-modules',
      `${sdk.path} imports ${sdk.name} as an ES module, which ${instrumentation.name} does not see by itself: no spans are made`,
      'Give it the library, for instance instrumentation.manuallyInstrument(OpenAI), or register the hook of OpenTelemetry: docs/compatibility.md, ES modules.',
    ),
  ];
}

function firstMatch(
  sources: Project['sources'],
  pattern: RegExp,
): { path: string; name: string } | undefined {
  for (const { path, code } of sources) {
    const [, name] = pattern.exec(code) ?? [];
    if (name !== undefined) return { path, name };
  }
  return undefined;
}

function isEsModule({ isModule }: Project, path: string): boolean {
  return /\.m[jt]s$/.test(path) || (isModule && /\.[jt]sx?$/.test(path));
}
