/** Well-known binary of the OGC, little-endian. */

export type Coordinates = readonly [x: number, y: number];

const HEADER_BYTES = 5;
const COUNT_BYTES = 4;
const POINT_BYTES = 16;
const POINT = 1;
const LINE_STRING = 2;
const POLYGON = 3;

export function pointWkb(x: number, y: number): Buffer {
  const wkb = begin(POINT, POINT_BYTES);
  wkb.writeDoubleLE(x, HEADER_BYTES);
  wkb.writeDoubleLE(y, HEADER_BYTES + 8);
  return wkb;
}

export function lineStringWkb(points: readonly Coordinates[]): Buffer {
  const wkb = begin(LINE_STRING, COUNT_BYTES + points.length * POINT_BYTES);
  writePoints(wkb, points, HEADER_BYTES);
  return wkb;
}

/** Of one ring. */
export function polygonWkb(ring: readonly Coordinates[]): Buffer {
  const wkb = begin(POLYGON, COUNT_BYTES * 2 + ring.length * POINT_BYTES);
  wkb.writeUInt32LE(1, HEADER_BYTES);
  writePoints(wkb, ring, HEADER_BYTES + COUNT_BYTES);
  return wkb;
}

function begin(type: number, bodyBytes: number): Buffer {
  const wkb = Buffer.alloc(HEADER_BYTES + bodyBytes);
  wkb.writeUInt8(1, 0);
  wkb.writeUInt32LE(type, 1);
  return wkb;
}

function writePoints(wkb: Buffer, points: readonly Coordinates[], at: number): void {
  let position = wkb.writeUInt32LE(points.length, at);
  for (const [x, y] of points) {
    position = wkb.writeDoubleLE(x, position);
    position = wkb.writeDoubleLE(y, position);
  }
}
