import type { AlteredSourceOffset, ComponentConfig } from '@millrace/connector-api';
import { offsetsInvalid } from './errors.ts';

/**
 * Offsets that a person sets: a file by its name, and a position in bytes.
 * @throws MillraceError `file.offsets_invalid`
 */
export function checkOffsets(
  config: ComponentConfig,
  offsets: readonly AlteredSourceOffset[],
): void {
  if ((config['file'] ?? '').trim() === '')
    throw offsetsInvalid(
      "Offsets cannot be modified if the 'file' configuration is unspecified. This is because stdin is used for input and offsets are not tracked.",
    );
  for (const { partition, offset } of offsets) {
    // To be forgotten: whatever it is.
    if (offset === null) continue;
    if (!('filename' in partition))
      throw offsetsInvalid("Partition objects should contain the key 'filename'");
    const position = offset['position'];
    if (position === undefined)
      throw offsetsInvalid("Offset objects should either be null or contain the key 'position'");
    if (
      typeof position !== 'bigint' &&
      !(typeof position === 'number' && Number.isInteger(position))
    )
      throw offsetsInvalid(
        "The value for the 'position' key in the offset is expected to be a Long value",
      );
    if (position < 0)
      throw offsetsInvalid(
        "The value for the 'position' key in the offset should be a non-negative value",
      );
  }
}
