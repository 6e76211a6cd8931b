import { schemas } from '@millrace/record';
import { codec, type CodecMaker } from './codec.ts';

/** Geometric types of the server itself. */

const POINT = schemas.struct(
  {
    x: schemas.float64(),
    y: schemas.float64(),
    wkb: schemas.bytes({ optional: true }),
    srid: schemas.int32({ optional: true }),
  },
  { name: 'io.debezium.data.geometry.Point', version: 1, doc: 'Geometry (POINT)' },
);

export const pointCodec: CodecMaker = () =>
  codec(
    POINT,
    (text) => {
      const [x, y] = text.slice(1, -1).split(',').map(Number);
      return pointValue(x ?? NaN, y ?? NaN);
    },
    pointValue(0, 0),
  );

function pointValue(x: number, y: number): unknown {
  const wkb = Buffer.alloc(21);
  wkb.writeUInt8(1, 0); // little-endian
  wkb.writeUInt32LE(1, 1); // a point
  wkb.writeDoubleLE(x, 5);
  wkb.writeDoubleLE(y, 13);
  return { x, y, wkb, srid: null };
}
