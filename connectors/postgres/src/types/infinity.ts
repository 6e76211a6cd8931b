import { notRepresentable } from '../errors.ts';

/** Time that is not a time: `infinity` and `-infinity`, and what they become in an integer. */

export interface BothWays<T> {
  readonly positive: T;
  readonly negative: T;
}

export const INFINITY_DAYS: BothWays<number> = {
  positive: 2_147_483_647,
  negative: -2_147_483_648,
};
export const INFINITY_MICROS: BothWays<bigint> = {
  positive: 9_223_372_036_825_200_000n,
  negative: -9_223_372_036_832_400_000n,
};
export const INT64_BOUNDS: BothWays<bigint> = {
  positive: 9_223_372_036_854_775_807n,
  negative: -9_223_372_036_854_775_808n,
};

export function isInfinite(text: string): boolean {
  return text === 'infinity' || text === '-infinity';
}

export function infinite<T>(text: string, values: BothWays<T>): T {
  return text === 'infinity' ? values.positive : values.negative;
}

export function temporalFails(type: string, text: string): never {
  throw notRepresentable(type, text, 'set time.precision.mode=adaptive or isostring');
}
