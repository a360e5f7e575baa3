import { createRequire } from 'node:module';
import type { TracerProvider } from '@opentelemetry/api';

/** Class of an SDK that makes a tracer provider. */
type ProviderClass = (new (config: Record<string, unknown>) => TracerProvider) & {
  readonly prototype: object;
};

/** Packages that export such a class, and the path of its name, for the SDKs 1 to 3. */
const PROVIDERS: readonly (readonly [name: string, path: readonly string[]])[] = [
  ['@opentelemetry/sdk-trace-node', ['NodeTracerProvider']],
  ['@opentelemetry/sdk-node', ['node', 'NodeTracerProvider']],
  ['@opentelemetry/sdk-trace-base', ['BasicTracerProvider']],
  ['@opentelemetry/sdk-trace', ['TracerProvider']],
];

const applicationRequire = createRequire(`${process.cwd()}/`);

/** An OpenTelemetry SDK of the application. */
export interface FoundProvider {
  readonly Provider: ProviderClass;
  /** `require` of the SDK's own file, for its dependencies. */
  readonly require: NodeJS.Require;
}

/** Returns the tracer provider of the newest kind of SDK that the application can load, or `undefined` if it has none. */
export function findProviderClass(): FoundProvider | undefined {
  for (const [name, path] of PROVIDERS) {
    const found = tryRequire(applicationRequire, name);
    const Provider = path.reduce<unknown>((module, key) => (module as Record<string, unknown>)?.[key], found);
    if (typeof Provider !== 'function') continue;
    const file = applicationRequire.resolve(name);
    return { Provider: Provider as ProviderClass, require: createRequire(file) };
  }
  return undefined;
}

interface Mergeable {
  merge(other: unknown): unknown;
}

/** Returns the option `resource` of a provider, from `OTEL_SERVICE_NAME` and `OTEL_RESOURCE_ATTRIBUTES`, which only the NodeSDK reads by itself. */
export function environmentResource(sdkRequire: NodeJS.Require): Record<string, unknown> {
  const { defaultResource, detectResources, envDetector, Resource, envDetectorSync } = (tryRequire(
    sdkRequire,
    '@opentelemetry/resources',
  ) ?? {}) as {
    defaultResource?: () => Mergeable;
    detectResources?: (config: { detectors: unknown[] }) => unknown;
    envDetector?: unknown;
    /** Only in SDK 1. */
    Resource?: { default?: () => Mergeable };
    envDetectorSync?: { detect(): unknown };
  };
  if (Resource?.default && envDetectorSync)
    return { resource: Resource.default().merge(envDetectorSync.detect()) };
  if (!defaultResource || !detectResources || !envDetector) return {};
  return { resource: defaultResource().merge(detectResources({ detectors: [envDetector] })) };
}

export function tryRequire(require: NodeJS.Require, name: string): unknown {
  try {
    return require(name);
  } catch {
    return undefined;
  }
}
