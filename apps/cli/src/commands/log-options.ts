import type { OptionName } from '../options.ts';

/** Of commands that ask the log. `config` brings addresses, TLS and SASL of a worker's file. */
export const LOG_OPTIONS = [
  'bootstrap',
  'config',
  'url',
  'user',
  'token',
  'ca',
  'json',
] as const satisfies readonly OptionName[];
