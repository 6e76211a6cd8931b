import { MillraceError } from '@millrace/foundation';

/** `bootstrap.servers` can't be read, or names no server. */
export function malformedBootstrap(servers: string, malformed: readonly string[]): MillraceError {
  const which =
    malformed.length === 0 ? 'names no server' : `has malformed entries "${malformed.join('", "')}"`;
  return new MillraceError({
    code: 'client.malformed_bootstrap',
    retry: 'fatal',
    message: `bootstrap.servers "${servers}" ${which}, expected host:port separated by commas`,
    hint: 'write for example bootstrap.servers=kafka-1:9092,kafka-2:9092, IPv6 as [::1]:9092',
    context: { key: 'bootstrap.servers', malformed },
  });
}
