import type { Validator } from '@millrace/config';

/** Kafka's: 1 to 9, or -1 for the codec's own default. */
export const gzipLevel: Validator<number> = (value) =>
  value === -1 || (value >= 1 && value <= 9)
    ? undefined
    : 'Value must be between 1 and 9 or equal to -1';
