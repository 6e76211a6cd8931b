/** Every option of every command: one name means one thing. */
export const OPTIONS = {
  config: {
    type: 'string',
    value: 'FILE',
    help: "a worker's configuration file: .properties, .json or .yaml",
  },
  set: {
    type: 'string',
    multiple: true,
    value: 'KEY=VALUE',
    help: 'a worker key; wins over the file and the environment',
  },
  url: {
    type: 'string',
    value: 'URL',
    help: 'the worker; default MILLRACE_URL, or http://127.0.0.1:8083',
  },
  user: {
    type: 'string',
    value: 'NAME',
    help: 'who you are to the worker; default MILLRACE_USER, the password in MILLRACE_PASSWORD',
  },
  token: {
    type: 'string',
    value: 'TOKEN',
    help: 'a token in place of a user; default MILLRACE_TOKEN',
  },
  ca: {
    type: 'string',
    value: 'FILE',
    help: "the certificate to trust, in PEM; default MILLRACE_CA, or the system's",
  },
  bootstrap: {
    type: 'string',
    value: 'HOST:PORT',
    help: "the log; default the worker's, or 127.0.0.1:9092",
  },
  json: { type: 'boolean', help: 'JSON in place of a table' },
  failed: { type: 'boolean', help: 'only what has failed' },
  'connector-only': { type: 'boolean', help: 'the connector itself, not its tasks' },
  all: { type: 'boolean', help: 'also what is left out by default' },
  file: { type: 'string', value: 'FILE', help: 'JSON with {"offsets": [{"partition", "offset"}]}' },
  partition: { type: 'string', value: 'N', help: 'only this partition' },
  from: { type: 'string', value: 'OFFSET', help: 'earliest, latest, an offset, or -N: the last N' },
  limit: { type: 'string', value: 'N', help: 'ends after N records' },
  follow: { type: 'boolean', short: 'f', help: 'waits for more until Ctrl-C' },
  to: { type: 'string', value: 'OFFSET', help: 'the last offset' },
  fingerprint: { type: 'string', value: 'F', help: 'of one kind, as "millrace errors" shows it' },
  stage: {
    type: 'string',
    value: 'STAGE',
    help: 'what failed there: TASK_PUT, VALUE_CONVERTER, …',
  },
  'dry-run': { type: 'boolean', help: 'says what would be done' },
  topic: { type: 'string', value: 'NAME', help: 'the topic of dead letters itself' },
  clear: { type: 'boolean', help: 'forgets what is shown' },
  online: {
    type: 'boolean',
    help: 'lets the worker check too: plugins, placeholders, connections',
  },
  prune: { type: 'boolean', help: 'deletes connectors that no file describes' },
  plan: { type: 'string', value: 'HASH', help: 'refuses unless this is still the plan' },
  'detailed-exitcode': {
    type: 'boolean',
    help: '0 nothing to do, 2 there are changes, 1 anything wrong',
  },
  'plugin-path': {
    type: 'string',
    multiple: true,
    value: 'DIR',
    help: 'a package with plugins, or a folder of them, beside those in node_modules here',
  },
  source: { type: 'boolean', help: 'a source connector' },
  sink: { type: 'boolean', help: 'a sink connector' },
  transform: { type: 'boolean', help: 'a single message transform' },
  converter: { type: 'boolean', help: 'a converter' },
  tables: {
    type: 'string',
    multiple: true,
    value: 'LIST',
    help: 'only these tables: names or schema.name, with * for anything, parted by commas',
  },
  'exclude-tables': {
    type: 'string',
    multiple: true,
    value: 'LIST',
    help: 'all but these tables',
  },
  schema: {
    type: 'string',
    multiple: true,
    value: 'NAME[:TARGET]',
    help: 'only this schema, and what it is called in the target',
  },
  'data-dir': {
    type: 'string',
    value: 'DIR',
    help: 'state and log of the migration; default millrace-migration-ID here',
  },
  timeout: { type: 'string', value: 'SECONDS', help: 'how long to wait for what is in flight' },
  sql: { type: 'boolean', help: 'shows the SQL for the target too' },
  once: { type: 'boolean', help: 'ends when the target is in step, instead of following' },
  reverse: { type: 'boolean', help: 'after the cut-over, keeps the old database in step' },
  help: { type: 'boolean', short: 'h', help: 'what the command does' },
  version: { type: 'boolean', short: 'v', help: 'the version' },
} as const;

export type OptionName = keyof typeof OPTIONS;

/** The options as the user gave them. */
export interface OptionValues {
  readonly config?: string | undefined;
  readonly set?: readonly string[] | undefined;
  readonly url?: string | undefined;
  readonly user?: string | undefined;
  readonly token?: string | undefined;
  readonly ca?: string | undefined;
  readonly bootstrap?: string | undefined;
  readonly json?: boolean | undefined;
  readonly failed?: boolean | undefined;
  readonly 'connector-only'?: boolean | undefined;
  readonly all?: boolean | undefined;
  readonly file?: string | undefined;
  readonly partition?: string | undefined;
  readonly from?: string | undefined;
  readonly limit?: string | undefined;
  readonly follow?: boolean | undefined;
  readonly to?: string | undefined;
  readonly fingerprint?: string | undefined;
  readonly stage?: string | undefined;
  readonly 'dry-run'?: boolean | undefined;
  readonly topic?: string | undefined;
  readonly clear?: boolean | undefined;
  readonly online?: boolean | undefined;
  readonly prune?: boolean | undefined;
  readonly plan?: string | undefined;
  readonly 'detailed-exitcode'?: boolean | undefined;
  readonly 'plugin-path'?: readonly string[] | undefined;
  readonly source?: boolean | undefined;
  readonly sink?: boolean | undefined;
  readonly transform?: boolean | undefined;
  readonly converter?: boolean | undefined;
  readonly tables?: readonly string[] | undefined;
  readonly 'exclude-tables'?: readonly string[] | undefined;
  readonly schema?: readonly string[] | undefined;
  readonly 'data-dir'?: string | undefined;
  readonly timeout?: string | undefined;
  readonly sql?: boolean | undefined;
  readonly once?: boolean | undefined;
  readonly reverse?: boolean | undefined;
  readonly help?: boolean | undefined;
  readonly version?: boolean | undefined;
}
