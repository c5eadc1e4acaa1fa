/** The middle of a list of figures; the mean of the two middle ones when their number is even. */
export function median(figures: readonly number[]): number {
  return quantile(figures, 0.5);
}

/** The figure below which a share of the figures lies, interpolated. 0 for an empty list. */
export function quantile(figures: readonly number[], share: number): number {
  const sorted = [...figures].sort((a, b) => a - b);
  if (sorted.length === 0) return 0;
  const position = (sorted.length - 1) * share;
  const low = sorted[Math.floor(position)] ?? 0;
  const high = sorted[Math.ceil(position)] ?? low;
  return low + (high - low) * (position - Math.floor(position));
}

export function round(figure: number, digits = 2): number {
  return Math.round(figure * 10 ** digits) / 10 ** digits;
}
