import { onTestFinished } from 'vitest';
import { type FakePlatform, startFakePlatform } from './fake-platform.js';

/** The first Trubrics platform in memory, closed when the test has finished. */
export async function useFakePlatform(organisation?: string): Promise<FakePlatform> {
  const platform = await startFakePlatform(organisation);
  onTestFinished(() => platform.close());
  return platform;
}
