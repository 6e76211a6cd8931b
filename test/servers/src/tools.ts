import { spawnSync } from 'node:child_process';
import { canInstall, installPackages } from './debian.ts';
import { serverMissing } from './errors.ts';

/**
 * A command-line program that a test needs, installed from Debian when missing.
 * @throws MillraceError `servers.program_missing`
 */
export function findTool(command: string, debianPackage: string): string {
  if (isThere(command)) return command;
  if (canInstall()) {
    installPackages(debianPackage);
    if (isThere(command)) return command;
  }
  throw serverMissing(
    command,
    ['the PATH'],
    `install it (Debian: apt-get install ${debianPackage})`,
  );
}

function isThere(command: string): boolean {
  return spawnSync('sh', ['-c', `command -v "${command}"`]).status === 0;
}
