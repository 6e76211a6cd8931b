import { unsuitableRecord } from '../../errors.ts';

/** Flags of the type in the extended form, as PostGIS writes it. */
const HAS_Z = 0x8000_0000;
const HAS_M = 0x4000_0000;
const HAS_SRID = 0x2000_0000;
const TYPE_MASK = 0xff;
const HEADER_BYTES = 5;
const SRID_BYTES = 4;
const COORDINATE_BYTES = 8;
/** INV-6: collections in collections. */
const DEPTH_MAX = 100;

const POINT = 1;
const LINE_STRING = 2;
const POLYGON = 3;
/** Of points, lines, polygons, and of anything. */
const MULTI_POINT = 4;
const COLLECTION = 7;

/** Whether there is a header, with the SRID that it promises. */
export function isWhole(wkb: Buffer): boolean {
  return wkb.byteLength >= HEADER_BYTES + (isExtended(wkb) ? SRID_BYTES : 0);
}

/** Whether the bytes hold the SRID: EWKB, not WKB. */
export function isExtended(wkb: Buffer): boolean {
  return wkb.byteLength >= HEADER_BYTES && (typeAt(wkb, 0) & HAS_SRID) !== 0;
}

export function toExtended(wkb: Buffer, srid: number): Buffer {
  const extended = Buffer.concat([
    wkb.subarray(0, HEADER_BYTES),
    Buffer.alloc(SRID_BYTES),
    wkb.subarray(HEADER_BYTES),
  ]);
  writeUint32(extended, 1, typeAt(wkb, 0) | HAS_SRID);
  writeUint32(extended, HEADER_BYTES, srid);
  return extended;
}

export function toPlain(extended: Buffer): Buffer {
  const wkb = Buffer.concat([
    extended.subarray(0, HEADER_BYTES),
    extended.subarray(HEADER_BYTES + SRID_BYTES),
  ]);
  writeUint32(wkb, 1, typeAt(extended, 0) & ~HAS_SRID);
  return wkb;
}

/**
 * A copy with latitude and longitude in the other order.
 * @throws MillraceError for another kind of geometry, such as a curve, or bytes that end too early
 */
export function swapCoordinates(wkb: Buffer): Buffer {
  const swapped = Buffer.from(wkb);
  new Swap(swapped).geometry(0, 0);
  return swapped;
}

/** Walks the bytes, and exchanges each first coordinate with its second one: whole, so in any byte order. */
class Swap {
  readonly #bytes: Buffer;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** Where the geometry at this place ends. */
  geometry(start: number, depth: number): number {
    if (depth > DEPTH_MAX) throw unsuitableRecord('a geometry is nested too deeply');
    this.#expect(start, HEADER_BYTES);
    const flags = typeAt(this.#bytes, start);
    const type = flags & TYPE_MASK;
    const dimensions = 2 + ((flags & HAS_Z) === 0 ? 0 : 1) + ((flags & HAS_M) === 0 ? 0 : 1);
    const at = start + HEADER_BYTES + ((flags & HAS_SRID) === 0 ? 0 : SRID_BYTES);
    const order = this.#bytes[start] ?? 0;
    if (type === POINT) return this.#points(at, 1, dimensions);
    if (type === LINE_STRING) return this.#line(at, order, dimensions);
    if (type === POLYGON) return this.#polygon(at, order, dimensions);
    if (type < MULTI_POINT || type > COLLECTION)
      throw unsuitableRecord(`Unsupported geometry type: ${type}`);
    let end = at + 4;
    for (let count = this.#count(at, order); count > 0; count--)
      end = this.geometry(end, depth + 1);
    return end;
  }

  #polygon(at: number, order: number, dimensions: number): number {
    let end = at + 4;
    for (let rings = this.#count(at, order); rings > 0; rings--)
      end = this.#line(end, order, dimensions);
    return end;
  }

  #line(at: number, order: number, dimensions: number): number {
    return this.#points(at + 4, this.#count(at, order), dimensions);
  }

  #points(at: number, count: number, dimensions: number): number {
    const pointBytes = dimensions * COORDINATE_BYTES;
    const end = at + count * pointBytes;
    this.#expect(at, count * pointBytes);
    for (let point = at; point < end; point += pointBytes)
      for (let byte = point; byte < point + COORDINATE_BYTES; byte++) {
        const first = this.#bytes[byte] ?? 0;
        this.#bytes[byte] = this.#bytes[byte + COORDINATE_BYTES] ?? 0;
        this.#bytes[byte + COORDINATE_BYTES] = first;
      }
    return end;
  }

  #count(at: number, order: number): number {
    this.#expect(at, 4);
    return order === 1 ? this.#bytes.readUInt32LE(at) : this.#bytes.readUInt32BE(at);
  }

  #expect(at: number, byteCount: number): void {
    if (at + byteCount > this.#bytes.byteLength)
      throw unsuitableRecord('Failed to swap EWKB/WKB coordinates: the bytes end too early');
  }
}

function typeAt(wkb: Buffer, start: number): number {
  return wkb[start] === 1 ? wkb.readUInt32LE(start + 1) : wkb.readUInt32BE(start + 1);
}

function writeUint32(wkb: Buffer, at: number, value: number): void {
  if (wkb[0] === 1) wkb.writeUInt32LE(value >>> 0, at);
  else wkb.writeUInt32BE(value >>> 0, at);
}
