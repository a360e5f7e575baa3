export function startClickHouseShim(
  chdb: string,
  data: string,
  port?: number,
  settings?: readonly string[],
): Promise<{ readonly port: number; stop(): Promise<void> }>;
