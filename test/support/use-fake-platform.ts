import { onTestFinished } from 'vitest';
import { trubricsPlatform, type TrubricsPlatformOptions } from '../../src/destinations/platform/platform.js';
import { EMAIL, type FakePlatform, FIREBASE_KEY, startFakePlatform } from './fake-platform.js';

/** The first Trubrics platform in memory, closed when the test has finished. */
export async function useFakePlatform(organisation?: string): Promise<FakePlatform> {
  const platform = await startFakePlatform(organisation);
  onTestFinished(() => platform.close());
  return platform;
}

/** A destination with an account of that platform. */
export function platformDestination(
  { endpoints }: FakePlatform,
  options: Partial<TrubricsPlatformOptions> = {},
): ReturnType<typeof trubricsPlatform> {
  return trubricsPlatform({
    email: EMAIL,
    password: 'correct horse',
    firebaseApiKey: FIREBASE_KEY,
    endpoints,
    ...options,
  });
}
