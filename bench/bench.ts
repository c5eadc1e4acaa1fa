/** One benchmark: prints for people as it goes, returns figures for machines. */
export type Bench = (options: {
  readonly rounds: number;
  readonly seconds: number;
  readonly say: (line: string) => void;
}) => Promise<{
  readonly ratios: Readonly<Record<string, number>>;
  readonly [figure: string]: unknown;
}>;
