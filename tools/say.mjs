// What the tools tell the person at the terminal. On standard error: standard output belongs to the
// program that they start.

/** A sentence about progress. */
export function say(sentence) {
  process.stderr.write(`${sentence}\n`);
}

/** A failure that a person can mend: its message is all that is shown, no stack. */
export class Stop extends Error {
  name = 'Stop';
}

/** Runs a tool's main function; a Stop ends it with its sentence and exit code 1. */
export async function main(work) {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof Stop)) throw error;
    say(error.message);
    process.exitCode = 1;
  }
}
