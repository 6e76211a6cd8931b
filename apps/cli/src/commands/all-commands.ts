import { nearestName } from '@millrace/config';
import type { Command } from './command.ts';
import { connectorCommands } from './connectors.ts';
import { deadLetterCommands } from './dead-letters.ts';
import { declarativeCommands } from './declarative.ts';
import { errorCommands } from './errors.ts';
import { groupCommands } from './groups.ts';
import { migrateCommands } from './migrate.ts';
import { offsetCommands } from './offsets.ts';
import { pluginCommands } from './plugin.ts';
import { startCommand } from './start.ts';
import { topicCommands } from './topics.ts';
import { workerCommands } from './worker.ts';

export interface CommandGroup {
  readonly title: string;
  readonly commands: readonly Command[];
}

export const COMMAND_GROUPS: readonly CommandGroup[] = [
  { title: 'The worker', commands: [startCommand] },
  { title: 'Moving a database', commands: migrateCommands },
  {
    title: 'Connectors of a running worker',
    commands: [...connectorCommands, ...offsetCommands, ...errorCommands],
  },
  { title: 'Folders of connector files', commands: declarativeCommands },
  { title: 'The log', commands: [...topicCommands, ...groupCommands, ...deadLetterCommands] },
  { title: 'Plugins', commands: pluginCommands },
  { title: 'About the worker', commands: workerCommands },
];

const ALL = COMMAND_GROUPS.flatMap(({ commands }) => commands);

export interface Found {
  readonly command: Command;
  readonly operands: readonly string[];
}

/** The command that the words begin with, the longest one; a family alone (`connectors`) is its list. */
export function findCommand(words: readonly string[]): Found | undefined {
  for (const count of [2, 1]) {
    const name = words.slice(0, count).join(' ');
    const command = ALL.find((each) => each.name === name);
    if (command !== undefined && words.length >= count)
      return { command, operands: words.slice(count) };
  }
  const list =
    words.length === 1 ? ALL.find(({ name }) => name === `${words[0] ?? ''} list`) : undefined;
  return list === undefined ? undefined : { command: list, operands: [] };
}

/** Commands that begin with this word: `connectors`. */
export function familyOf(word: string): readonly Command[] {
  return ALL.filter(({ name }) => name.startsWith(`${word} `));
}

/** What may be meant by words that are no command: `connector list`, `status`, `conectors pause`. */
export function nearestCommand(words: readonly string[]): string | undefined {
  const [first = '', second] = words;
  const sameVerb = ALL.find(({ name }) => name.endsWith(` ${first}`));
  if (sameVerb !== undefined) return sameVerb.name;
  const family = familyOf(first);
  if (family.length > 0) {
    if (second === undefined) return undefined;
    const verb = nearestName(
      second,
      family.map(({ name }) => name.slice(first.length + 1)),
    );
    return verb === undefined ? undefined : `${first} ${verb}`;
  }
  const names = ALL.map(({ name }) => name);
  const two = second === undefined ? undefined : nearestName(`${first} ${second}`, names);
  return two ?? nearestName(first, [...names, ...names.map((name) => name.split(' ')[0] ?? name)]);
}
