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
