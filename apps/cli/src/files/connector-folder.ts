import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { readText } from '../config.ts';
import { noConnectorFiles, unreadableFile } from '../errors.ts';
import { readDocument, type ConnectorDocument } from './connector-document.ts';

const ENDINGS = ['.json', '.yaml', '.yml', '.properties'];

/**
 * The connectors of a folder, in the order of the file names. Hidden files, folders in it and other kinds of files
 * are left alone.
 * @throws MillraceError when the folder can't be read, or has no connector files
 */
export function readFolder(folder: string): readonly ConnectorDocument[] {
  const files = namesIn(folder)
    .filter((name) => !name.startsWith('.') && ENDINGS.some((ending) => name.endsWith(ending)))
    .sort()
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile());
  // An empty folder would, with --prune, delete everything: most likely it is the wrong one.
  if (files.length === 0) throw noConnectorFiles(folder, ENDINGS);
  return files.map((path) => readDocument(path, readText(path)));
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    throw unreadableFile(folder, error);
  }
}

/** A file, or all of a folder. */
export function readFilesOf(operands: readonly string[]): readonly ConnectorDocument[] {
  return operands.flatMap((path) =>
    isFolder(path) ? readFolder(path) : [readDocument(path, readText(path))],
  );
}

export function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
