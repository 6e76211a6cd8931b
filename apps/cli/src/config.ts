import { readFileSync } from 'node:fs';
import { flattenConfig, parseConfigFile } from '@millrace/config';
import { badUsage, unreadableFile } from './errors.ts';

/** @throws MillraceError `cli.unreadable_file` */
export function readText(fileName: string): string {
  try {
    return readFileSync(fileName, 'utf8');
  } catch (error) {
    throw unreadableFile(fileName, error);
  }
}

/** The flat keys of a worker's configuration file. */
export function readWorkerFile(fileName: string): Readonly<Record<string, string>> {
  return flattenConfig(fileName, parseConfigFile(fileName, readText(fileName)));
}

/** `key=value` of `--set`; the value may hold further equals signs. */
export function parseSetting(text: string): readonly [string, string] {
  const at = text.indexOf('=');
  if (at < 1) throw badUsage(`--set "${text}" is not of the form KEY=VALUE`);
  return [text.slice(0, at).trim(), text.slice(at + 1).trim()];
}

/** Read by the other commands; not keys of a worker, though they begin like them. */
const CLIENT_VARIABLES: ReadonlySet<string> = new Set([
  'MILLRACE_URL',
  'MILLRACE_USER',
  'MILLRACE_PASSWORD',
  'MILLRACE_TOKEN',
  'MILLRACE_CA',
  'MILLRACE_SOURCE_PASSWORD',
  'MILLRACE_TARGET_PASSWORD',
]);

/** The environment as `start` reads worker keys from it. */
export function workerEnvironment(): Readonly<Record<string, string | undefined>> {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !CLIENT_VARIABLES.has(name)),
  );
}

/** Where the worker is, unless `--url` says so. */
export function workerUrl(): string {
  const given = process.env['MILLRACE_URL'] ?? '';
  return given === '' ? 'http://127.0.0.1:8083' : given;
}

/** For URLs that other users of the machine may see. */
export function migrationPasswords(): {
  readonly source: string | undefined;
  readonly target: string | undefined;
} {
  return {
    source: process.env['MILLRACE_SOURCE_PASSWORD'],
    target: process.env['MILLRACE_TARGET_PASSWORD'],
  };
}

/** The worker key `bootstrap.servers` as a variable: who runs both has said it once. */
export function bootstrapFromEnvironment(): string | undefined {
  const given = process.env['MILLRACE_BOOTSTRAP_SERVERS'] ?? '';
  return given === '' ? undefined : given;
}
