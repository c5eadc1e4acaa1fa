/** One benchmark: prints for people as it goes, returns figures for machines. */
export type Bench = (options: {
  readonly rounds: number;
  readonly seconds: number;
  /** How many transfers a large ledger has; none is made when absent. */
  readonly large?: number;
  readonly say: (line: string) => void;
}) => Promise<{
  readonly ratios: Readonly<Record<string, number>>;
  readonly [figure: string]: unknown;
}>;
