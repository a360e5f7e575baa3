export function startClickHouseShim(
  chdb: string,
  data: string,
  port?: number,
): Promise<{ readonly port: number; stop(): Promise<void> }>;
