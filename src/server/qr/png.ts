import { PNG } from 'pngjs';
import { encode } from 'uqr';

const QUIET_ZONE = 4;
const PIXELS_PER_MODULE = 8;

export function qrPng(text: string): Uint8Array<ArrayBuffer> {
  const { data, size } = encode(text, { ecc: 'L', border: QUIET_ZONE });
  const width = size * PIXELS_PER_MODULE;
  const png = new PNG({ width, height: width, colorType: 0 });
  for (let y = 0; y < width; y++) {
    const row = data[Math.floor(y / PIXELS_PER_MODULE)] ?? [];
    for (let x = 0; x < width; x++) {
      const shade = row[Math.floor(x / PIXELS_PER_MODULE)] ? 0 : 255;
      png.data.fill(shade, 4 * (y * width + x), 4 * (y * width + x) + 3);
      png.data[4 * (y * width + x) + 3] = 255;
    }
  }
  return Uint8Array.from(PNG.sync.write(png, { colorType: 0 }));
}
