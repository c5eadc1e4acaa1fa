import { type BankMessageErrorCode, type FileRefusal, fileRefusal, type Place } from './errors.ts';
import { type Finding, type FindingCode, finding } from './findings.ts';

/**
 * What goes wrong while one file is read. A reader that meets something unusable says so here and
 * goes on with a placeholder; the face looks at `refusal()` before it hands out anything, so that
 * no placeholder ever leaves the package.
 */
export interface Problems {
  readonly file: string;
  /** Refuses the whole file; the first reason is kept. */
  refuse(code: BankMessageErrorCode, place: Place, values: Readonly<Record<string, string>>): void;
  refusal(): FileRefusal | undefined;
  /** Notes a mistake that can be read around. */
  note(code: FindingCode, place: Place, values?: Readonly<Record<string, string>>): void;
  /** Takes the notes gathered since the last call. */
  takeNotes(): readonly Finding[];
}

export function createProblems(file: string): Problems {
  let first: FileRefusal | undefined;
  let notes: Finding[] = [];
  return {
    file,
    refuse: (code, place, values) => {
      first ??= fileRefusal(code, file, place, values);
    },
    refusal: () => first,
    note: (code, place, values = {}) => {
      notes.push(finding(code, place, values));
    },
    takeNotes: () => {
      const taken = notes;
      notes = [];
      return taken;
    },
  };
}
