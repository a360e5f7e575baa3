const EXIT_CODES = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

type StopSignal = keyof typeof EXIT_CODES;

/** A signal that is aborted at the first signal of the user. A second one ends the process at once. */
export function stopOnSignal(): {
  readonly signal: AbortSignal;
  /** 128 and the number of the signal, as shells count; undefined without one. */
  readonly exitCode: number | undefined;
  /** Ends listening. */
  end(): void;
} {
  const controller = new AbortController();
  let exitCode: number | undefined;
  const stop = (name: StopSignal): void => {
    exitCode = EXIT_CODES[name];
    controller.abort();
    end();
  };
  const names = Object.keys(EXIT_CODES) as StopSignal[];
  const end = (): void => names.forEach((name) => void process.off(name, stop));
  for (const name of names) process.on(name, stop);
  return {
    signal: controller.signal,
    get exitCode() {
      return exitCode;
    },
    end,
  };
}
