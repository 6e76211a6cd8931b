import type { ConfigProblem, Resolved } from '@millrace/config';
import { Authenticator, isAuthWanted } from './auth/authenticator.ts';
import { isLoopback, parseListener, type Listener } from './listener.ts';
import type { restFields } from './rest-fields.ts';
import { sslValues, tlsSettings, type TlsSettings } from './tls-material.ts';

type RestValues = Partial<Resolved<typeof restFields>>;
type FlatConfig = Readonly<Record<string, string>>;

/** Addresses that are listened on in the same way. */
export interface Endpoint {
  readonly listeners: readonly Listener[];
  /** For those by https. */
  readonly tls: TlsSettings | undefined;
}

export interface RestSettings extends Endpoint {
  /** Where /admin is served; undefined: with the rest. Without listeners: nowhere. */
  readonly admin: Endpoint | undefined;
  /** Undefined: nobody is asked who he is. */
  readonly authenticator: Authenticator | undefined;
}

/** Everything that is wrong goes to `problems`; then what is returned is not used. */
export function restSettings(
  values: RestValues,
  raw: FlatConfig,
  problems: ConfigProblem[],
): RestSettings {
  const main = endpointOf('listeners', values.listeners ?? [], raw, problems);
  if (main.listeners.length === 0 && (values.listeners ?? []).length === 0)
    problems.push({
      key: 'listeners',
      message: 'Invalid value for configuration listeners: at least one is needed',
    });
  const adminTexts = values['admin.listeners'] ?? null;
  const admin =
    adminTexts === null ? undefined : endpointOf('admin.listeners', adminTexts, raw, problems);
  const authenticator = authenticatorOf(values, problems);
  if (authenticator === undefined && values['allow.unauthenticated.access'] !== true) {
    refuseOpenDoors('listeners', main, problems);
    if (admin !== undefined) refuseOpenDoors('admin.listeners', admin, problems);
  }
  return { ...main, admin, authenticator };
}

function endpointOf(
  key: string,
  texts: readonly string[],
  raw: FlatConfig,
  problems: ConfigProblem[],
): Endpoint {
  const listeners = texts.flatMap((text) => {
    const listener = parseListener(text);
    if (!('problem' in listener)) return [listener];
    problems.push(problemOf(key, text, listener.problem));
    return [];
  });
  if (!listeners.some(({ isTls }) => isTls === true)) return { listeners, tls: undefined };
  const tls = tlsSettings(sslValues(raw, `${key}.https.`));
  if (!('problem' in tls)) return { listeners, tls };
  problems.push(problemOf(key, texts.join(','), tls.problem));
  return { listeners, tls: undefined };
}

function authenticatorOf(values: RestValues, problems: ConfigProblem[]): Authenticator | undefined {
  const basicFile = values['rest.auth.basic.file'] ?? null;
  if ((values['rest.extension.classes'] ?? []).length > 0 && basicFile === null)
    problems.push({
      key: 'rest.extension.classes',
      message: `Missing configuration "rest.auth.basic.file", the file of users that rest.extension.classes asks for`,
    });
  const settings = {
    basicFile,
    bearerFile: values['rest.auth.bearer.file'] ?? null,
    jwt: {
      jwks: values['rest.auth.jwt.jwks'] ?? null,
      secret: values['rest.auth.jwt.secret'] ?? null,
      issuer: values['rest.auth.jwt.issuer'] ?? null,
      audience: values['rest.auth.jwt.audience'] ?? null,
    },
  };
  if (!isAuthWanted(settings)) return undefined;
  try {
    return new Authenticator(settings);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    problems.push({
      key: 'rest.auth',
      message: `Invalid value for configuration rest.auth.*: ${reason}`,
    });
    return undefined;
  }
}

/** Safe by default: what others can reach asks who they are, unless somebody decided otherwise. */
export function refuseOpenDoors(
  key: string,
  { listeners, tls }: Endpoint,
  problems: ConfigProblem[],
): void {
  for (const { host, isTls } of listeners) {
    const asksForCertificate = isTls === true && tls?.clientAuth === 'required';
    if (isLoopback(host) || asksForCertificate) continue;
    problems.push(
      problemOf(
        key,
        host === '' ? 'all interfaces' : host,
        'other machines could use the API without saying who they are; set rest.auth.basic.file, rest.auth.bearer.file or rest.auth.jwt.*, or decide otherwise by allow.unauthenticated.access=true',
      ),
    );
  }
}

function problemOf(key: string, value: string, problem: string): ConfigProblem {
  return { key, message: `Invalid value ${value} for configuration ${key}: ${problem}` };
}
