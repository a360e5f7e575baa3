import { diag, DiagLogLevel, type DiagLogger } from '@opentelemetry/api';

export interface CapturedLine {
  readonly level: keyof DiagLogger;
  readonly text: string;
}

/** Collects what is written to `diag` from now on. Undo with `diag.disable()`. */
export function captureDiag(): CapturedLine[] {
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
  lines.length = 0;
  return lines;
}
