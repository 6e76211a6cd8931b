import { schemas } from '@millrace/record';
import { notRepresentable } from '../errors.ts';
import { codec, type CodecMaker } from './codec.ts';
import { lineStringWkb, pointWkb, polygonWkb, type Coordinates } from './wkb.ts';

/**
 * The geometric types of the server itself. Point is as it ever was; the others are as Debezium has them since 3.7: WKB
 * with the type in `extensions`, or a struct of its own where WKB has no such shape.
 */

const POINT_FIELDS = {
  x: schemas.float64(),
  y: schemas.float64(),
  wkb: schemas.bytes({ optional: true }),
  srid: schemas.int32({ optional: true }),
};
const POINT = schemas.struct(POINT_FIELDS, {
  name: 'io.debezium.data.geometry.Point',
  version: 1,
  doc: 'Geometry (POINT)',
});
const SHAPE = schemas.struct(
  {
    wkb: schemas.bytes(),
    srid: schemas.int32({ optional: true }),
    extensions: schemas.map(schemas.string(), schemas.string(), { optional: true }),
  },
  { name: 'io.debezium.data.geometry.Geometry', version: 2, doc: 'Geometry' },
);
const CIRCLE = schemas.struct(
  { center: POINT, radius: schemas.float64() },
  { name: 'io.debezium.data.geometry.Circle', version: 1, doc: 'Geometry (CIRCLE)' },
);
const LINE = schemas.struct(
  { a: schemas.float64(), b: schemas.float64(), c: schemas.float64() },
  { name: 'io.debezium.data.geometry.Line', version: 1, doc: 'Geometry (LINE)' },
);

export const pointCodec: CodecMaker = () =>
  codec(
    POINT,
    (text) => {
      const [x = NaN, y = NaN] = numbersOf(text);
      return pointValue(x, y);
    },
    pointValue(0, 0),
  );

/** A closed ring around the two corners, which begins at the upper right one. */
export const boxCodec: CodecMaker = () =>
  codec(
    SHAPE,
    (text) => {
      const [x1 = NaN, y1 = NaN, x2 = NaN, y2 = NaN] = numbersOf(text);
      return boxValue([x1, y1], [x2, y2]);
    },
    boxValue([0, 0], [1, 1]),
  );

export const lsegCodec: CodecMaker = () =>
  codec(
    SHAPE,
    (text) => shape(lineStringWkb(pointsOf(text)), { type: 'lseg' }),
    shape(lineStringWkb(UNIT_LINE), { type: 'lseg' }),
  );

/** In brackets it is open, in parentheses closed; WKB does not tell. */
export const pathCodec: CodecMaker = () =>
  codec(
    SHAPE,
    (text) =>
      shape(lineStringWkb(pointsOf(text)), { type: 'path', closed: String(text.startsWith('(')) }),
    shape(lineStringWkb(UNIT_LINE), { type: 'path' }),
  );

export const polygonCodec: CodecMaker = () =>
  codec(
    SHAPE,
    (text) => shape(polygonWkb(closed(pointsOf(text))), { type: 'polygon' }),
    shape(polygonWkb(closed([...UNIT_LINE, [0, 1]])), { type: 'polygon' }),
  );

export const circleCodec: CodecMaker = () =>
  codec(
    CIRCLE,
    (text) => {
      const [x = NaN, y = NaN, radius = NaN] = numbersOf(text);
      return { center: pointValue(x, y), radius };
    },
    { center: pointValue(0, 0), radius: 0 },
  );

/** `ax + by + c = 0` */
export const lineCodec: CodecMaker = () =>
  codec(
    LINE,
    (text) => {
      const [a = NaN, b = NaN, c = NaN] = numbersOf(text);
      return { a, b, c };
    },
    { a: 0, b: 1, c: 0 },
  );

const UNIT_LINE: readonly Coordinates[] = [
  [0, 0],
  [1, 0],
];

function pointValue(x: number, y: number): unknown {
  return { x, y, wkb: pointWkb(x, y), srid: null };
}

function boxValue([x1, y1]: Coordinates, [x2, y2]: Coordinates): unknown {
  const ring: readonly Coordinates[] = [
    [x1, y1],
    [x1, y2],
    [x2, y2],
    [x2, y1],
  ];
  return shape(polygonWkb(closed(ring)), { type: 'box' });
}

function shape(wkb: Buffer, extensions: Readonly<Record<string, string>>): unknown {
  return { wkb, srid: null, extensions: new Map(Object.entries(extensions)) };
}

function closed(ring: readonly Coordinates[]): readonly Coordinates[] {
  const [first] = ring;
  const last = ring.at(-1);
  if (first === undefined || last === undefined || ring.length < 2) return ring;
  return first[0] === last[0] && first[1] === last[1] ? ring : [...ring, first];
}

function pointsOf(text: string): readonly Coordinates[] {
  const numbers = numbersOf(text);
  const points: Coordinates[] = [];
  for (let index = 0; index + 1 < numbers.length; index += 2)
    points.push([numbers[index] ?? NaN, numbers[index + 1] ?? NaN]);
  return points;
}

function numbersOf(text: string): readonly number[] {
  return (text.match(/-?(?:\d+(?:\.\d+)?(?:e[-+]?\d+)?|Infinity|NaN)/g) ?? []).map(Number);
}

const POSTGIS_FIELDS = { wkb: schemas.bytes(), srid: schemas.int32({ optional: true }) };
/** GEOMETRYCOLLECTION EMPTY */
const EMPTY_WKB = Buffer.from('010700000000000000', 'hex');
const SRID_FLAG = 0x2000_0000;

/** PostGIS prints EWKB in hexadecimal. It is kept as it is, its SRID beside it. */
export function postgisCodec(name: 'Geometry' | 'Geography'): CodecMaker {
  const schema = schemas.struct(POSTGIS_FIELDS, {
    name: `io.debezium.data.geometry.${name}`,
    version: 1,
    doc: name,
  });
  return () =>
    codec(
      schema,
      (text) => {
        const wkb = Buffer.from(text, 'hex');
        return { wkb, srid: sridOf(wkb, text) };
      },
      { wkb: EMPTY_WKB, srid: null },
    );
}

function sridOf(ewkb: Buffer, text: string): number | null {
  if (ewkb.length < 9)
    throw notRepresentable('geometry', text, 'leave the column out with column.exclude.list');
  const isLittle = ewkb[0] !== 0;
  const type = isLittle ? ewkb.readUInt32LE(1) : ewkb.readUInt32BE(1);
  if ((type & SRID_FLAG) === 0) return null;
  return isLittle ? ewkb.readInt32LE(5) : ewkb.readInt32BE(5);
}
