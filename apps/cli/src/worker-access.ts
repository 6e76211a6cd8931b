import { readText } from './config.ts';
import { badUsage } from './errors.ts';
import type { OptionValues } from './options.ts';

/** How a worker that asks who one is, or that shows a certificate of its own, is used. */
export interface WorkerAccess {
  /** The whole header. */
  readonly authorization?: string | undefined;
  /** Certificates to trust in place of the system's. */
  readonly ca?: readonly string[] | undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * From options, which win, and the environment, which other users of the machine can't see.
 * @throws MillraceError `cli.bad_usage`, `cli.unreadable_file`
 */
export function workerAccess(
  { user, token, ca }: Pick<OptionValues, 'user' | 'token' | 'ca'>,
  environment: Environment = process.env,
): WorkerAccess {
  const trusted = ca ?? given(environment, 'MILLRACE_CA');
  return {
    authorization: authorizationOf(user, token, environment),
    ca: trusted === undefined ? undefined : [readText(trusted)],
  };
}

function authorizationOf(
  user: string | undefined,
  token: string | undefined,
  environment: Environment,
): string | undefined {
  if (user !== undefined && token !== undefined)
    throw badUsage('--user and --token exclude each other');
  if (token !== undefined) return `Bearer ${token}`;
  const name = user ?? given(environment, 'MILLRACE_USER');
  if (user === undefined) {
    const known = given(environment, 'MILLRACE_TOKEN');
    if (known !== undefined) return `Bearer ${known}`;
  }
  if (name === undefined) return undefined;
  const colon = name.indexOf(':');
  const password = colon >= 0 ? name.slice(colon + 1) : given(environment, 'MILLRACE_PASSWORD');
  if (password === undefined)
    throw badUsage('the user has no password: set MILLRACE_PASSWORD, or give --user NAME:PASSWORD');
  const plain = `${colon >= 0 ? name.slice(0, colon) : name}:${password}`;
  return `Basic ${Buffer.from(plain).toString('base64')}`;
}

function given(environment: Environment, name: string): string | undefined {
  const value = environment[name];
  return value === undefined || value === '' ? undefined : value;
}
