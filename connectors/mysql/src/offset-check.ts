import type { AlteredSourceOffset } from '@millrace/connector-api';
import { offsetsInvalid } from './errors.ts';

/** Offsets that a person is about to set. @throws MillraceError `mysql.offsets_invalid` */
export function checkOffsets(offsets: readonly AlteredSourceOffset[]): void {
  for (const { partition, offset } of offsets) {
    if (typeof partition['server'] !== 'string')
      throw offsetsInvalid('a partition of this connector is {"server": "<topic.prefix>"}');
    if (offset === null) continue;
    const { file, gtids, pos } = offset;
    if (typeof file !== 'string')
      throw offsetsInvalid('an offset of this connector has "file", the name of a binlog file');
    if (typeof pos !== 'number' && typeof pos !== 'bigint')
      throw offsetsInvalid('an offset of this connector has "pos", a number');
    if (gtids !== undefined && gtids !== null && typeof gtids !== 'string')
      throw offsetsInvalid(
        '"gtids" of an offset is a text, such as "3e11fa47-71ca-11e1-9e33-c80aa9429562:1-23"',
      );
  }
}
