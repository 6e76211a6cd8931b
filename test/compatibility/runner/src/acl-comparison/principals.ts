/** Numbers of Kafka's AclOperation, ResourceType, PatternType and AclPermissionType. */
export const Op = {
  ANY: 1,
  ALL: 2,
  READ: 3,
  WRITE: 4,
  CREATE: 5,
  DELETE: 6,
  ALTER: 7,
  DESCRIBE: 8,
  CLUSTER_ACTION: 9,
  DESCRIBE_CONFIGS: 10,
  ALTER_CONFIGS: 11,
  IDEMPOTENT_WRITE: 12,
} as const;
const TOPIC = 2;
const GROUP = 3;
const CLUSTER = 4;
const TRANSACTIONAL_ID = 5;
const LITERAL = 3;
const PREFIXED = 4;
const DENY = 2;
const ALLOW = 3;

export interface Entry {
  readonly resourceType: number;
  readonly resourceName: string;
  readonly resourcePatternType: number;
  readonly principal: string;
  readonly host: string;
  readonly operation: number;
  readonly permissionType: number;
}

type Rule = readonly [type: number, name: string, operation: number, more?: 'prefixed' | 'deny'];

const cluster = (operation: number): Rule => [CLUSTER, 'kafka-cluster', operation];

/** The name of each is its password, too. */
const RULES: Readonly<Record<string, readonly Rule[]>> = {
  admin: [],
  nobody: [],
  reader: [
    [TOPIC, 'visible', Op.READ],
    [GROUP, 'g', Op.READ],
  ],
  describer: [
    [TOPIC, 'visible', Op.DESCRIBE],
    [GROUP, 'g', Op.DESCRIBE],
    [TRANSACTIONAL_ID, 'tx', Op.DESCRIBE],
    cluster(Op.DESCRIBE),
  ],
  writer: [
    [TOPIC, 'visible', Op.WRITE],
    [TRANSACTIONAL_ID, 'tx', Op.WRITE],
    [GROUP, 'g', Op.READ],
    cluster(Op.IDEMPOTENT_WRITE),
  ],
  owner: [
    [TOPIC, 'vis', Op.ALL, 'prefixed'],
    [TOPIC, 'visible', Op.DELETE, 'deny'],
    [GROUP, '*', Op.ALL],
    [GROUP, 'hidden-g', Op.READ, 'deny'],
    [TRANSACTIONAL_ID, 't', Op.ALL, 'prefixed'],
  ],
  matcher: [
    [TOPIC, 'visible', Op.DESCRIBE],
    [GROUP, 'g', Op.READ, 'prefixed'],
  ],
  settings: [
    [TOPIC, '*', Op.ALTER_CONFIGS],
    [TOPIC, 'hidden', Op.DESCRIBE_CONFIGS],
    [GROUP, 'g', Op.DESCRIBE_CONFIGS],
    cluster(Op.ALTER_CONFIGS),
  ],
  operator: [
    cluster(Op.ALTER),
    cluster(Op.CREATE),
    cluster(Op.CLUSTER_ACTION),
    cluster(Op.DESCRIBE_CONFIGS),
    [TOPIC, '*', Op.ALTER],
    [TOPIC, 'hidden', Op.ALL, 'deny'],
  ],
};

export const PRINCIPALS: readonly string[] = Object.keys(RULES);

export const ENTRIES: readonly Entry[] = Object.entries(RULES).flatMap(([who, rules]) =>
  rules.map(([resourceType, resourceName, operation, more]) => ({
    ...{ resourceType, resourceName, operation, principal: `User:${who}`, host: '*' },
    resourcePatternType: more === 'prefixed' ? PREFIXED : LITERAL,
    permissionType: more === 'deny' ? DENY : ALLOW,
  })),
);

/** The same for both brokers. */
export function securitySettings(port: number): Readonly<Record<string, string>> {
  const users = PRINCIPALS.map((name) => `user_${name}="${name}"`).join(' ');
  const login = 'org.apache.kafka.common.security.plain.PlainLoginModule';
  return {
    listeners: `SASL_PLAINTEXT://127.0.0.1:${port}`,
    'sasl.enabled.mechanisms': 'PLAIN',
    'listener.name.sasl_plaintext.plain.sasl.jaas.config': `${login} required ${users};`,
    'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    'super.users': 'User:ANONYMOUS;User:admin',
    'group.initial.rebalance.delay.ms': '0',
    // No member is to be lost by time.
    'group.consumer.max.session.timeout.ms': '1800000',
    'group.consumer.session.timeout.ms': '1800000',
    'offsets.topic.num.partitions': '5',
    'transaction.state.log.num.partitions': '5',
    'auto.create.topics.enable': 'false',
  };
}
