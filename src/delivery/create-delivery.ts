import type { Destination } from '../destinations/destination.js';
import { Delivery } from './delivery.js';
import type { DeliverySettings } from './model/settings.js';
import type { DeliveryRuntime } from './runtime/runtime.js';

/** Composes a delivery. @throws TypeError when a setting is out of range. */
export function createDelivery(
  destination: Destination,
  settings: Partial<DeliverySettings> = {},
  runtime: Partial<DeliveryRuntime> = {},
): Delivery {
  return new Delivery(destination, settings, runtime);
}
