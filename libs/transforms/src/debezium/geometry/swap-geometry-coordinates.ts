import { defineFields } from '@millrace/config';
import { transform } from '../../plugin.ts';
import { mapGeometries } from './map-geometries.ts';
import { swapCoordinates } from './well-known-binary.ts';

const fields = defineFields({
  srids: {
    type: 'LIST',
    default: ['4326', '3857', '4269'],
    importance: 'LOW',
    doc: 'The SRIDs of geometries whose coordinates change places.',
    validate: (srids) =>
      srids.every((srid) => /^\d{1,9}$/u.test(srid)) ? undefined : 'SRIDs are whole numbers',
  },
});

/** Latitude and longitude change places in geometries of some SRIDs. */
export const swapGeometryCoordinates = transform(
  'swap-geometry-coordinates',
  'io.debezium.transforms.SwapGeometryCoordinates',
  fields,
  (settings) => {
    const srids = new Set(settings.srids.map(Number));
    return {
      apply: (record) =>
        mapGeometries(record, (wkb, srid) =>
          srid !== null && srids.has(srid) ? swapCoordinates(wkb) : wkb,
        ),
    };
  },
);
