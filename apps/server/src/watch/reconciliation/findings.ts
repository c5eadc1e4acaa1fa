/** One thing that a bank got wrong, as a sentence with its figures. */
export interface FindingView {
  readonly code: string;
  readonly sentence: string;
  readonly path?: string;
  readonly line?: number;
}
