import type { Attributes, AttributeValue } from '@opentelemetry/api';

/** Sets what is known. Cheaper than spreading one object for each attribute. */
export function setKnown(attributes: Attributes, name: string, value: AttributeValue | undefined): void {
  if (value !== undefined) attributes[name] = value;
}
