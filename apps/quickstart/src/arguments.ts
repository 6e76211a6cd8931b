import { parseArgs } from 'node:util';
import { atLeast, defineFields, resolveConfig } from '@millrace/config';

export interface QuickstartArguments {
  /** Run for `seconds`, stop the load, compare, print the outcome and end. */
  readonly check: boolean;
  readonly seconds: number;
  readonly help: boolean;
}

export const HELP = `npm run quickstart [-- --check] [-- --seconds N]

Starts a PostgreSQL with a small shop, and Millrace, which captures the shop's changes and carries them
through its log into a second database and a JSON Lines file. Ctrl-C stops everything and cleans up.

  --check      run the load for a while, stop it, wait until source and target agree row by row,
               print counts and digests; exit 0 when they agree, 1 when not
  --seconds N  how long the load runs with --check (default 15)
`;

const fields = defineFields({
  seconds: {
    type: 'INT',
    default: 15,
    doc: 'Seconds of load before the check.',
    validate: atLeast(1),
  },
});

/** @throws ConfigError, or node's own error for an unknown option */
export function parseArguments(argv: readonly string[]): QuickstartArguments {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      check: { type: 'boolean' },
      seconds: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  const { seconds } = resolveConfig(fields, { seconds: values.seconds }, 'command line');
  return { check: values.check ?? false, seconds, help: values.help ?? false };
}
