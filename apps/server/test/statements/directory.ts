/** The environment by which a run tells all its processes where statements are written down. */
export const directoryVariable = 'KEYTURN_TEST_STATEMENTS';

/** undefined when nobody asked for it. */
export function directoryOfRun(): string | undefined {
  return process.env[directoryVariable];
}
