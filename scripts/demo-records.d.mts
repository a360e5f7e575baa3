/** Records in the form of the ingestion API. */
export interface DemoRecords {
  readonly prompts: readonly Readonly<Record<string, unknown>>[];
  readonly events: readonly Readonly<Record<string, unknown>>[];
}

export function demoRecords(now?: number, count?: number): DemoRecords;
export function publishDemoRecords(ingestionUrl: string, records?: DemoRecords): Promise<void>;
