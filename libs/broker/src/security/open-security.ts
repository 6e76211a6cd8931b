import type { Clock, Logger, Random } from '@millrace/foundation';
import type { Disk } from '@millrace/log';
import { configsOf } from '../metadata/metadata-image.ts';
import type { MetadataLog } from '../metadata/metadata-log.ts';
import { ResourceType } from '../resource-type.ts';
import type { BrokerSettings } from '../settings.ts';
import { Authorizer } from './authorizer.ts';
import { Security } from './security.ts';

interface SecurityPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly disk: Disk;
}

/** Security as the settings want it. Throws for settings that can't be. */
export function openSecurity(
  settings: BrokerSettings,
  metadata: MetadataLog,
  ports: SecurityPorts,
): Promise<Security> {
  const { values, listeners } = settings;
  return Security.open({
    ...ports,
    listeners,
    image: () => metadata.image.security,
    given: settings.given,
    dynamic: () => ({
      ...configsOf(metadata.image, ResourceType.BROKER, ''),
      ...configsOf(metadata.image, ResourceType.BROKER, String(values['node.id'])),
    }),
    authorizer: authorizerOf(settings, metadata, ports.log),
    failedDelayMs: values['connection.failed.authentication.delay.ms'],
  });
}

function authorizerOf(
  { values }: BrokerSettings,
  metadata: MetadataLog,
  log: Logger,
): Authorizer | undefined {
  if (values['authorizer.class.name'] === '') return undefined;
  const superUsers = values['super.users'].split(';').map((name) => name.trim());
  return new Authorizer({
    superUsers: new Set(superUsers.filter((name) => name !== '')),
    allowsWithoutAcl: values['allow.everyone.if.no.acl.found'],
    image: () => metadata.image.security,
    log,
  });
}
