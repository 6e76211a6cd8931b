import { defineFields, oneOfIgnoringCase } from '@millrace/config';
import { transform } from '../../plugin.ts';
import { mapGeometries } from './map-geometries.ts';
import { isExtended, isWhole, toExtended, toPlain } from './well-known-binary.ts';

const fields = defineFields({
  format: {
    type: 'STRING',
    default: 'wkb',
    importance: 'LOW',
    recommended: ['wkb', 'ewkb'],
    doc: 'The form that geometries get: wkb, or ewkb with the SRID in it.',
    validate: oneOfIgnoringCase('wkb', 'ewkb'),
  },
});

/**
 * Geometries with or without their SRID in the bytes. What is in that form already, has no SRID, or is too
 * short to be one, stays as it is.
 */
export const geometryFormatTransformer = transform(
  'geometry-format-transformer',
  'io.debezium.transforms.GeometryFormatTransformer',
  fields,
  ({ format }) => {
    const isWanted = format.toLowerCase() === 'ewkb';
    return {
      apply: (record) =>
        mapGeometries(record, (wkb, srid) => {
          if (!isWhole(wkb) || isExtended(wkb) === isWanted) return wkb;
          if (!isWanted) return toPlain(wkb);
          return srid === null ? wkb : toExtended(wkb, srid);
        }),
    };
  },
);
