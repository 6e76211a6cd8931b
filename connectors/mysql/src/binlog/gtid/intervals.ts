/** Sorted, disjoint, not adjacent; both ends belong to it. */
export interface Interval {
  readonly first: bigint;
  readonly last: bigint;
}

type Intervals = readonly Interval[];

export function containsNumber(intervals: Intervals, number: bigint): boolean {
  return intervals.some(({ first, last }) => first <= number && number <= last);
}

/** The common case, a number that follows the last one, costs no sorting. */
export function withNumber(intervals: Intervals, number: bigint): Intervals {
  const last = intervals.at(-1);
  if (last !== undefined && number === last.last + 1n)
    return [...intervals.slice(0, -1), { first: last.first, last: number }];
  return unionIntervals(intervals, [{ first: number, last: number }]);
}

export function unionIntervals(left: Intervals, right: Intervals): Intervals {
  const sorted = [...left, ...right].sort((a, b) => (a.first < b.first ? -1 : 1));
  const union: Interval[] = [];
  for (const interval of sorted) {
    const before = union.at(-1);
    if (before === undefined || interval.first > before.last + 1n) union.push(interval);
    else if (interval.last > before.last)
      union[union.length - 1] = { first: before.first, last: interval.last };
  }
  return union;
}

export function includesIntervals(whole: Intervals, part: Intervals): boolean {
  return part.every(({ first, last }) =>
    whole.some((interval) => interval.first <= first && last <= interval.last),
  );
}

export function subtractIntervals(from: Intervals, what: Intervals): Intervals {
  let rest: Interval[] = [...from];
  for (const { first, last } of what) {
    rest = rest.flatMap((interval) => {
      if (interval.last < first || interval.first > last) return [interval];
      const pieces: Interval[] = [];
      if (interval.first < first) pieces.push({ first: interval.first, last: first - 1n });
      if (interval.last > last) pieces.push({ first: last + 1n, last: interval.last });
      return pieces;
    });
  }
  return rest;
}
