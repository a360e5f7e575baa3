import { diag, DiagLogLevel, type DiagLogger } from '@opentelemetry/api';
import { onTestFinished } from 'vitest';

export interface CapturedLine {
  readonly level: keyof DiagLogger;
  readonly text: string;
}

/** Collects what is written to `diag` from now on, until the test has finished. */
export function useDiag(): CapturedLine[] {
  const lines: CapturedLine[] = [];
  const write =
    (level: keyof DiagLogger) =>
    (...args: unknown[]) => {
      lines.push({ level, text: args.map(String).join(' ') });
    };
  const logger: DiagLogger = {
    error: write('error'),
    warn: write('warn'),
    info: write('info'),
    debug: write('debug'),
    verbose: write('verbose'),
  };
  diag.setLogger(logger, { logLevel: DiagLogLevel.ALL, suppressOverrideMessage: true });
  onTestFinished(() => diag.disable());
  lines.length = 0;
  return lines;
}
