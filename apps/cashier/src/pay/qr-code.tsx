import qrcode from 'qrcode-generator';
import { useMemo } from 'react';

export interface QrCodeProps {
  /** What the code says. */
  readonly text: string;
  /** What it is, for those who cannot see it. */
  readonly label: string;
}

/**
 * A QR code (ISO/IEC 18004, error correction M) as one path, sharp at any size, with its quiet
 * zone.
 */
export default function QrCode({ text, label }: QrCodeProps) {
  const { size, path } = useMemo(() => modulesOf(text), [text]);
  const quiet = 4;
  const whole = size + 2 * quiet;
  return (
    <svg
      className="pay-qr"
      viewBox={`${-quiet} ${-quiet} ${whole} ${whole}`}
      role="img"
      aria-label={label}
      shapeRendering="crispEdges"
    >
      <rect x={-quiet} y={-quiet} width={whole} height={whole} fill="#fff" />
      <path d={path} fill="#000" />
    </svg>
  );
}

function modulesOf(text: string): { readonly size: number; readonly path: string } {
  const code = qrcode(0, 'M');
  code.addData(text, 'Byte');
  code.make();
  const size = code.getModuleCount();
  let path = '';
  for (let row = 0; row < size; row += 1) {
    for (let column = 0; column < size; column += 1) {
      if (code.isDark(row, column)) path += `M${column} ${row}h1v1h-1z`;
    }
  }
  return { size, path };
}
