/**
 * A private value on its way through a command. The runner keeps a hash of a command's input for
 * ever, and a plain hash of a name or a password can be guessed; of a concealed value only the
 * stand-in goes into it.
 */
export interface Concealed<T> {
  readonly value: T;
  /** What stands for the value wherever it would be written. */
  toJSON(): string;
}

/**
 * @param standIn the same for a repeat of the same value: a blind index of it; or a constant for
 *   what is made anew at each call, such as a secret
 */
export function concealed<T>(value: T, standIn: string): Concealed<T> {
  return { value, toJSON: () => standIn };
}
