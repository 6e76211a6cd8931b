/** Versions as Maven orders them, and its ranges, in which Connect asks for one of several (KIP-891). */
export interface VersionRange {
  readonly text: string;
  matches(version: string): boolean;
}

/** Qualifiers below a release, lowest first; unknown ones stand above it, as in Maven. */
const BELOW_RELEASE = ['alpha', 'beta', 'milestone', 'rc', 'snapshot'];
const SYNONYMS: Readonly<Record<string, string>> = {
  a: 'alpha',
  b: 'beta',
  m: 'milestone',
  cr: 'rc',
};
const RELEASE = new Set(['', 'ga', 'final', 'release']);

/** Negative when `left` is older. */
export function compareVersions(left: string, right: string): number {
  const lefts = tokensOf(left);
  const rights = tokensOf(right);
  for (let index = 0; index < Math.max(lefts.length, rights.length); index++) {
    const order = compareTokens(lefts[index] ?? '', rights[index] ?? '');
    if (order !== 0) return order;
  }
  return 0;
}

/** `1.0` is exactly that one; `[1.0,2.0)`, `(,1.0]`, `[1.0]` and several of these are ranges. */
export function parseVersionRange(text: string): VersionRange | { readonly problem: string } {
  const spec = text.trim();
  if (spec.toLowerCase() === 'latest') return { text: spec, matches: () => true };
  if (!/[[\](),]/.test(spec)) {
    if (spec === '') return { problem: 'String must be non-empty' };
    return { text: `[${spec}]`, matches: (version) => compareVersions(version, spec) === 0 };
  }
  const intervals = intervalsOf(spec);
  if (intervals === undefined)
    return { problem: `"${spec}" is no version range: write 1.0, [1.0], [1.0,2.0) or latest` };
  return { text: spec, matches: (version) => intervals.some((inside) => inside(version)) };
}

type Interval = (version: string) => boolean;

function intervalsOf(spec: string): readonly Interval[] | undefined {
  const INTERVAL = /\s*([[(])\s*([^,[\]()]*?)\s*(,?)\s*([^,[\]()]*?)\s*([\])])\s*(,|$)/y;
  const intervals: Interval[] = [];
  while (INTERVAL.lastIndex < spec.length) {
    const match = INTERVAL.exec(spec);
    if (match === null) return undefined;
    const [, open = '', low = '', comma = '', high = '', close = '', after = ''] = match;
    if (after === ',' && INTERVAL.lastIndex >= spec.length) return undefined;
    const interval = intervalOf({ open, low, comma, high, close });
    if (interval === undefined) return undefined;
    intervals.push(interval);
  }
  return intervals.length === 0 ? undefined : intervals;
}

interface Bounds {
  readonly open: string;
  readonly low: string;
  readonly comma: string;
  readonly high: string;
  readonly close: string;
}

function intervalOf({ open, low, comma, high, close }: Bounds): Interval | undefined {
  if (comma === '') {
    const only = low + high;
    if (only === '' || open !== '[' || close !== ']') return undefined;
    return (version) => compareVersions(version, only) === 0;
  }
  if (low !== '' && high !== '' && compareVersions(low, high) > 0) return undefined;
  return (version) => {
    const fromLow = low === '' ? 1 : compareVersions(version, low);
    const toHigh = high === '' ? 1 : compareVersions(high, version);
    return (
      (open === '[' ? fromLow >= 0 : fromLow > 0) && (close === ']' ? toHigh >= 0 : toHigh > 0)
    );
  };
}

/** `1.0-rc2` is 1, 0, rc, 2. Zeros and release words at the end say nothing. */
function tokensOf(version: string): readonly string[] {
  const tokens =
    version
      .toLowerCase()
      .split('+')[0]
      ?.match(/\d+|[a-z]+/g) ?? [];
  const known = tokens.map((token) => SYNONYMS[token] ?? token);
  while (known.length > 0 && (Number(known.at(-1)) === 0 || RELEASE.has(known.at(-1) ?? '')))
    known.pop();
  return known;
}

function compareTokens(left: string, right: string): number {
  if (isNumber(left) && isNumber(right)) return compareNumbers(left, right);
  const rank = rankOf(left);
  if (rank !== rankOf(right) || rank === 0) return rank - rankOf(right);
  return left < right ? -1 : left > right ? 1 : 0;
}

/** Below a release, the release itself (nothing more), an unknown word, a number. */
function rankOf(token: string): number {
  if (isNumber(token)) return Number(token) === 0 ? 0 : 2;
  if (RELEASE.has(token)) return 0;
  const below = BELOW_RELEASE.indexOf(token);
  return below < 0 ? 1 : below - BELOW_RELEASE.length;
}

function isNumber(token: string): boolean {
  return /^\d+$/.test(token);
}

function compareNumbers(left: string, right: string): number {
  const difference = BigInt(left) - BigInt(right);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}
