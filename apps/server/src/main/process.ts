/** What a process of the platform is to whoever started it. */
export interface StartedProcess {
  /** Said on standard output in one line of JSON, with `ready: true`. */
  readonly ready: Readonly<Record<string, unknown>>;
  stop(): Promise<void>;
}

/**
 * Runs a process until it is told to stop (SIGTERM, SIGINT). A start that fails says why in one
 * sentence and exits with 1; an unexpected error ends the process, since whoever watches it
 * starts it again.
 */
export async function runProcess(
  name: string,
  start: (env: Readonly<Record<string, string | undefined>>) => Promise<StartedProcess>,
): Promise<void> {
  try {
    const { env } = process;
    const started = await start(env);
    let stopping = false;
    const stop = async () => {
      if (stopping) return;
      stopping = true;
      await started.stop();
      process.exit(0);
    };
    process.on('SIGTERM', () => void stop());
    process.on('SIGINT', () => void stop());
    process.stdout.write(`${JSON.stringify({ ready: true, ...started.ready })}\n`);
  } catch (error) {
    const sentence = error instanceof Error ? error.message : String(error);
    process.stderr.write(`${name}: ${sentence}\n`);
    process.exit(1);
  }
}
