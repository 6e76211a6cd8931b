import type { Call } from '../commands/command.ts';
import { secretKeysOf } from '../commands/secrets.ts';
import type { ConnectorDocument } from '../files/connector-document.ts';
import { readFilesOf } from '../files/connector-folder.ts';
import {
  documentProblems,
  hasErrors,
  onlineProblems,
  sameNames,
  sorted,
  type FileProblem,
} from '../files/file-problems.ts';
import { missingProviders } from './placeholder-check.ts';
import { planHash } from './plan-hash.ts';
import type { SecretsOf } from './plan-text.ts';
import { makePlan, readLive, type Plan } from './plan.ts';

export interface Prepared {
  readonly plan: Plan;
  readonly hash: string;
  readonly secrets: SecretsOf;
  /** Of the files, as the worker sees them; with errors nothing may be applied. */
  readonly problems: readonly FileProblem[];
}

/** Reads files and worker, and lets the worker check what would change, before anything is changed. */
export async function prepare({ operands, options, rest }: Call): Promise<Prepared> {
  const documents = readFilesOf(operands);
  const ownProblems = [...documentProblems(documents), ...sameNames(documents)];
  const live = await readLive(rest);
  // What a broken file describes is not known: nothing may look as if no file described it.
  const prune = options.prune === true && !hasErrors(ownProblems);
  const plan = makePlan(documents, live, { prune });
  const secrets = new Map<string, ReadonlySet<string>>();
  for (const { name, wanted, live: current } of plan.connectors) {
    const configs = [wanted?.config, current?.info.config];
    const keys = new Set<string>();
    for (const config of configs)
      for (const key of config === undefined ? [] : await secretKeysOf(rest, config)) keys.add(key);
    secrets.set(name, keys);
  }
  const changing = plan.connectors.flatMap(({ action, document }): ConnectorDocument[] =>
    action === 'unchanged' || document === undefined ? [] : [document],
  );
  const checked: FileProblem[] = [...(await missingProviders(rest, documents))];
  for (const document of changing) checked.push(...(await onlineProblems(rest, document)));
  return {
    plan,
    hash: planHash(plan),
    secrets,
    problems: sorted([...ownProblems, ...checked]),
  };
}
