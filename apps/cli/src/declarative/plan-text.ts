import { maskSecret, maskUrl } from '../commands/secrets.ts';
import type { KeyChange } from './changed-keys.ts';
import type { Action, Plan, PlannedConnector } from './plan.ts';

const MARKS: Readonly<Record<Action, string>> = {
  create: '+',
  update: '~',
  restart: '~',
  delete: '-',
  unchanged: ' ',
};

const WORDS: Readonly<Record<Action, string>> = {
  create: 'create',
  update: 'update in place',
  restart: 'restart',
  delete: 'delete',
  unchanged: 'unchanged',
};

/** Keys whose values are not shown, by connector. */
export type SecretsOf = ReadonlyMap<string, ReadonlySet<string>>;

export function planText(plan: Plan, hash: string, secrets: SecretsOf): string {
  const lines = plan.connectors.flatMap((connector) => linesOf(connector, secrets));
  const blank = lines.length === 0 ? [] : [''];
  const left = plan.unmanaged.length === 0 ? [] : [unmanagedText(plan)];
  return [...lines, ...blank, summary(plan), ...left, `Plan: ${hash}`].join('\n');
}

function linesOf(connector: PlannedConnector, secrets: SecretsOf): readonly string[] {
  const { action, changes, effect, name } = connector;
  const from = connector.document === undefined ? '' : `  ${connector.document.fileName}`;
  const why = effect === '' ? '' : ` (${effect})`;
  const head = `${MARKS[action]} ${name}: ${WORDS[action]}${why}${from}`;
  return [head, ...changes.map((change) => `    ${changeText(masked(change, secrets.get(name)))}`)];
}

function changeText({ key, before, after }: KeyChange): string {
  if (before === undefined) return `+ ${key} = ${JSON.stringify(after)}`;
  if (after === undefined) return `- ${key} = ${JSON.stringify(before)}`;
  const shown =
    before === after
      ? `${JSON.stringify(after)} (changed)`
      : `${JSON.stringify(before)} -> ${JSON.stringify(after)}`;
  return `~ ${key} = ${shown}`;
}

function masked(change: KeyChange, secrets: ReadonlySet<string> | undefined): KeyChange {
  const mask = secrets?.has(change.key) === true ? maskSecret : maskUrl;
  return {
    key: change.key,
    ...(change.before === undefined ? {} : { before: mask(change.before) }),
    ...(change.after === undefined ? {} : { after: mask(change.after) }),
  };
}

function summary({ connectors }: Plan): string {
  const count = (...actions: readonly Action[]): number =>
    connectors.filter(({ action }) => actions.includes(action)).length;
  const parts = [
    `${count('create')} to create`,
    `${count('update')} to update in place`,
    `${count('restart')} to restart`,
    `${count('delete')} to delete`,
    `${count('unchanged')} unchanged`,
  ];
  return `${parts.join(', ')}.`;
}

export function unmanagedText({ unmanaged }: Plan): string {
  return `No file describes ${unmanaged.join(', ')}: left alone without --prune.`;
}

export function planJson(
  plan: Plan,
  hash: string,
  secrets: SecretsOf,
): Readonly<Record<string, unknown>> {
  return {
    hash,
    connectors: plan.connectors.map(({ name, action, effect, changes, document }) => ({
      name,
      action,
      effect,
      ...(document === undefined ? {} : { file: document.fileName }),
      changes: changes.map((change) => masked(change, secrets.get(name))),
    })),
    unmanaged: plan.unmanaged,
  };
}
