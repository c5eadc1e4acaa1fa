/** The day so many days after another, both as `2026-11-20`. */
export function dayAfter(day: string, days: number): string {
  const noon = Date.parse(`${day}T12:00:00Z`);
  return new Date(noon + days * 86_400_000).toISOString().slice(0, 10);
}
