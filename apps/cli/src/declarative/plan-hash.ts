import { scryptSync } from 'node:crypto';
import type { Plan } from './plan.ts';

const HASH_BYTES = 12;

/**
 * Names a plan: the same for the same files and the same state of the worker, whatever the order. State is what
 * decides the actions: configurations, and whether something runs. A slow hash, since it is printed in the logs of CI, and
 * passwords are in what it is made of: who has the rest must not be able to guess them fast.
 */
export function planHash({ connectors, unmanaged }: Plan): string {
  const facts = connectors.map(({ name, action, wanted, live }) => [
    name,
    action,
    wanted === undefined ? null : [sortedEntries(wanted.config), wanted.initialState],
    live === undefined ? null : sortedEntries(live.info.config),
  ]);
  const text = JSON.stringify([facts, [...unmanaged].sort()]);
  return scryptSync(text, 'millrace plan 1', HASH_BYTES).toString('hex');
}

function sortedEntries(config: Readonly<Record<string, string>>): readonly (readonly string[])[] {
  return Object.entries(config).sort(([left], [right]) => (left < right ? -1 : 1));
}
