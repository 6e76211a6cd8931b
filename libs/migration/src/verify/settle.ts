import type { Readers } from './compare-table.ts';

export interface Difference {
  readonly key: string;
  readonly kind: 'missing in the target' | 'only in the target' | 'different';
}

export interface Settled {
  readonly differences: readonly Difference[];
  /** Keys that changed at the source each time they were looked at. */
  readonly unsettled: readonly string[];
}

export interface SettleOptions extends Readers {
  /** Resolves when everything that the source had at the call is in the target. */
  readonly passWatermark: () => Promise<void>;
  readonly signal: AbortSignal;
}

const ROUNDS_MAX = 30;
/** A value that went away and came back in between looks like one that never moved: nobody is accused once only. */
const CONFIRMATIONS = 2;

/**
 * What is merely in flight settles: a key is read at the source, then everything up to that moment is let through, then
 * it is read at the target, and at the source again. A row of the target that is neither what the source had before nor
 * what it has after, while the source did not change, is a difference.
 */
export async function settle(
  suspects: readonly string[],
  options: SettleOptions,
): Promise<Settled> {
  const { source, target, passWatermark, signal } = options;
  const accusations = new Map<string, number>();
  const differences: Difference[] = [];
  let pending = [...suspects];
  for (let round = 0; pending.length > 0 && round < ROUNDS_MAX; round++) {
    signal.throwIfAborted();
    const before = await source.byKeys(pending);
    await passWatermark();
    const there = await target.byKeys(pending);
    const after = await source.byKeys(pending);
    pending = pending.filter((key) => {
      const [old, mine, now] = [before.get(key), there.get(key), after.get(key)];
      if (mine === now || mine === old) return false;
      if (old !== now) return true;
      const accused = (accusations.get(key) ?? 0) + 1;
      accusations.set(key, accused);
      if (accused < CONFIRMATIONS) return true;
      differences.push({ key, kind: kindOf(now, mine) });
      return false;
    });
  }
  return { differences, unsettled: pending };
}

function kindOf(source: string | undefined, target: string | undefined): Difference['kind'] {
  if (target === undefined) return 'missing in the target';
  return source === undefined ? 'only in the target' : 'different';
}
