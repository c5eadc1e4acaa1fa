import { expect, test } from 'vitest';
import { colors } from './theme.ts';

/** Relative luminance and contrast by WCAG 2.2. */
function luminance(hex: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((start) => {
    const channel = Number.parseInt(hex.slice(start, start + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: string, other: string): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

test.each([
  ['ink', ['surface', 'ground', 'primarySoft', 'attentionSoft', 'badSoft', 'neutralSoft']],
  ['muted', ['surface', 'ground', 'primarySoft', 'neutralSoft']],
  ['primary', ['surface', 'ground', 'primarySoft']],
  ['good', ['surface', 'ground', 'goodSoft']],
  ['attention', ['surface', 'ground', 'attentionSoft']],
  ['progress', ['surface', 'ground', 'progressSoft']],
  ['bad', ['surface', 'ground', 'badSoft']],
] as const)('%s is readable on %j (WCAG AA)', (text, grounds) => {
  for (const ground of grounds) {
    expect(contrast(colors[text], colors[ground]), ground).toBeGreaterThanOrEqual(4.5);
  }
});
