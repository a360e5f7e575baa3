import { onTestFinished } from 'vitest';
import { createDelivery } from '../../src/delivery/create-delivery.js';
import type { Delivery } from '../../src/delivery/delivery.js';
import type { DeliverySettings } from '../../src/delivery/model/settings.js';
import type { DeliveryRuntime } from '../../src/delivery/runtime/runtime.js';
import type { Destination } from '../../src/destinations/destination.js';

/** A delivery, shut down when the test has finished. */
export function useDelivery(
  destination: Destination,
  settings: Partial<DeliverySettings> = {},
  runtime: Partial<DeliveryRuntime> = {},
): Delivery {
  const delivery = createDelivery(destination, settings, runtime);
  onTestFinished(() => delivery.shutdown(100));
  return delivery;
}
