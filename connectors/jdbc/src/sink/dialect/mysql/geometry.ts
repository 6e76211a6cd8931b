import type { Struct } from '@millrace/record';
import { isStruct } from '../../change.ts';
import { refuse } from '../../values/plain-text.ts';
import type { ColumnType } from '../../write/table.ts';

/** PostGIS says by this bit of the type that an SRID follows. */
const EWKB_SRID = 0x2000_0000;
const HEADER_BYTES = 5;

/**
 * `{wkb, srid}` as the server stores it, in hexadecimal: SRID and WKB, little-endian, x before y. Its own functions would swap the axes
 * of geographic systems. Points without WKB are made of x and y.
 */
export function geometryText(value: unknown, type: ColumnType): string {
  if (!isStruct(value)) return refuse(value, type, 'a geometry is expected');
  const bytes = bytesOf(value) ?? pointOf(value);
  if (bytes === undefined || bytes.length < HEADER_BYTES)
    return refuse(value, type, 'the fields x and y, or wkb, are expected');
  let wkb = Buffer.from(bytes);
  let srid = typeof value['srid'] === 'number' ? value['srid'] : 0;
  if (wkb[0] !== 1)
    return refuse(value, type, 'only little-endian WKB is taken', 'convert it by a transform');
  const kind = wkb.readUInt32LE(1);
  if ((kind & EWKB_SRID) !== 0) {
    srid = wkb.readUInt32LE(HEADER_BYTES);
    wkb = Buffer.concat([wkb.subarray(0, HEADER_BYTES), wkb.subarray(HEADER_BYTES + 4)]);
    wkb.writeUInt32LE((kind & ~EWKB_SRID) >>> 0, 1);
  }
  const head = Buffer.alloc(4);
  head.writeUInt32LE(srid);
  return `${head.toString('hex')}${wkb.toString('hex')}`;
}

function bytesOf(value: Struct): Uint8Array | undefined {
  const { wkb } = value;
  if (typeof wkb === 'string') return Buffer.from(wkb, 'base64');
  return wkb instanceof Uint8Array ? wkb : undefined;
}

function pointOf(value: Struct): Uint8Array | undefined {
  const { x, y } = value;
  if (typeof x !== 'number' || typeof y !== 'number') return undefined;
  const wkb = Buffer.alloc(21);
  wkb[0] = 1;
  wkb.writeUInt32LE(1, 1);
  wkb.writeDoubleLE(x, 5);
  wkb.writeDoubleLE(y, 13);
  return wkb;
}
