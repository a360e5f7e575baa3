import { environmentVariable } from '../common/options/environment.js';
import { ATTR_SERVICE_NAME } from '../common/semconv.js';
import type { ResourceLike } from '../reading/model/span-like.js';

/**
 * Reads the resource from `OTEL_RESOURCE_ATTRIBUTES` (`key=value,key=value`, values percent-encoded) and `OTEL_SERVICE_NAME`, which
 * wins (OpenTelemetry specification, "Resource SDK"). Malformed pairs are ignored.
 */
export function resourceFromEnvironment(): ResourceLike {
  const attributes: Record<string, string> = {};
  for (const pair of environmentVariable('OTEL_RESOURCE_ATTRIBUTES')?.split(',') ?? []) {
    const separator = pair.indexOf('=');
    const key = pair.slice(0, separator).trim();
    if (separator > 0 && key !== '') attributes[key] = decode(pair.slice(separator + 1).trim());
  }
  const serviceName = environmentVariable('OTEL_SERVICE_NAME');
  if (serviceName !== undefined) attributes[ATTR_SERVICE_NAME] = serviceName;
  return { attributes };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
