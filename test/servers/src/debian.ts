import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/** True when missing programs can be installed from the distribution: Debian or a relative, and we are root. */
export function canInstall(): boolean {
  return (
    process.getuid?.() === 0 && existsSync('/etc/debian_version') && existsSync('/usr/bin/apt-get')
  );
}

/**
 * Installs packages without starting their services: tests start servers of their own.
 * @throws with apt-get's own words
 */
export function installPackages(...packages: readonly string[]): void {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  const run = (...args: readonly string[]): void => {
    execFileSync('apt-get', [...args], {
      env,
      stdio: ['ignore', 'ignore', 'inherit'],
      timeout: 600_000,
    });
  };
  run('update', '-qq');
  run('install', '-y', '-qq', '--no-install-recommends', ...packages);
}
