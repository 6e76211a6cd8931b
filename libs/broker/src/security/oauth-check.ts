import type { ListenerSettings } from '../network/listeners.ts';
import { parseJaas } from './jaas.ts';
import { JwksSource, type JwksOptions } from './jwks-source.ts';
import { findSignatureProblem, findUnsecuredProblem, identityOf, parseJwt } from './oauth-token.ts';
import type { TokenCheck } from './sasl-oauthbearer.ts';

type Ports = Pick<JwksOptions, 'clock' | 'log' | 'disk'>;

/** How tokens are checked: by the keys of an issuer, or, for tests, not at all but for their dates. */
export function tokenCheckOf(
  listener: ListenerSettings,
  ports: Ports,
  problems: string[],
): TokenCheck {
  const values = listener.valuesOf('OAUTHBEARER');
  const url = values['sasl.oauthbearer.jwks.endpoint.url'];
  if (url === null) return unsecuredCheck(listener, ports, problems);
  if (!/^(?:https?|file):\/\//.test(url)) {
    problems.push(
      'sasl.oauthbearer.jwks.endpoint.url must begin with https://, http:// or file://',
    );
  }
  const source = new JwksSource({
    ...ports,
    url,
    refreshMs: values['sasl.oauthbearer.jwks.endpoint.refresh.ms'],
    backoffMs: values['sasl.oauthbearer.jwks.endpoint.retry.backoff.ms'],
    backoffMaxMs: values['sasl.oauthbearer.jwks.endpoint.retry.backoff.max.ms'],
  });
  return async (token) => {
    const jwt = parseJwt(token);
    if ('problem' in jwt) return jwt;
    const keyId = typeof jwt.header['kid'] === 'string' ? jwt.header['kid'] : undefined;
    const keys = await source.find(keyId);
    if (keys.length === 0) return { problem: 'its key is not known' };
    const outcomes = keys.map(({ key, algorithm }) => findSignatureProblem(jwt, key, algorithm));
    const [problem] = outcomes;
    if (outcomes.every((outcome) => outcome !== undefined) && problem !== undefined) return problem;
    return identityOf(jwt, {
      nowMs: ports.clock.nowMs(),
      skewMs: values['sasl.oauthbearer.clock.skew.seconds'] * 1000,
      nameClaim: values['sasl.oauthbearer.sub.claim.name'],
      scopeClaim: values['sasl.oauthbearer.scope.claim.name'],
      issuer: values['sasl.oauthbearer.expected.issuer'] ?? undefined,
      audiences: values['sasl.oauthbearer.expected.audience'] ?? undefined,
    });
  };
}

/** Kafka's OAuthBearerUnsecuredValidatorCallbackHandler, with its options in the JAAS configuration. */
function unsecuredCheck(
  listener: ListenerSettings,
  { clock }: Ports,
  problems: string[],
): TokenCheck {
  const text = listener.valuesOf('OAUTHBEARER')['sasl.jaas.config'];
  const jaas = text === null ? undefined : parseJaas(text);
  if (jaas !== undefined && 'problem' in jaas) {
    problems.push(`oauthbearer.sasl.jaas.config of listener ${listener.name}: ${jaas.problem}`);
  }
  const option = (name: string, otherwise: string): string =>
    (jaas !== undefined && 'options' in jaas
      ? jaas.options.get(`unsecuredValidator${name}`)
      : undefined) ?? otherwise;
  const skewMs = Number(option('AllowableClockSkewMs', '0'));
  if (!Number.isInteger(skewMs) || skewMs < 0)
    problems.push('unsecuredValidatorAllowableClockSkewMs must be a number of milliseconds');
  return (token) => {
    const jwt = parseJwt(token);
    if ('problem' in jwt) return Promise.resolve(jwt);
    return Promise.resolve(
      findUnsecuredProblem(jwt) ??
        identityOf(jwt, {
          nowMs: clock.nowMs(),
          skewMs,
          nameClaim: option('PrincipalClaimName', 'sub'),
          scopeClaim: option('ScopeClaimName', 'scope'),
          requiredScope: option('RequiredScope', '')
            .split(/\s+/)
            .filter((scope) => scope !== ''),
        }),
    );
  };
}
