import {
  quotaKey,
  type ClientQuota,
  type QuotaEntityPart,
  type SecurityImage,
} from '../metadata/security-image.ts';

export type QuotaKey =
  | 'producer_byte_rate'
  | 'consumer_byte_rate'
  | 'request_percentage'
  | 'controller_mutation_rate'
  | 'connection_creation_rate';

export interface FoundQuota {
  readonly bound: number;
  /** Who shares the measurement: those with the same text. */
  readonly sensor: string;
}

/** Kafka's order: the first entity that has the key decides. `own` says whose use is added up. */
const PRECEDENCE: readonly {
  readonly user?: 'own' | 'default';
  readonly client?: 'own' | 'default';
}[] = [
  { user: 'own', client: 'own' },
  { user: 'own', client: 'default' },
  { user: 'own' },
  { user: 'default', client: 'own' },
  { user: 'default', client: 'default' },
  { user: 'default' },
  { client: 'own' },
  { client: 'default' },
];

/** Finds the quota that holds for a client. Changes when the image does. */
export class QuotaTable {
  readonly #image: () => SecurityImage;
  #quotas: SecurityImage['clientQuotas'] | undefined;
  #keys: ReadonlySet<string> = new Set();

  constructor(image: () => SecurityImage) {
    this.#image = image;
  }

  /** Whether anybody has such a quota: else nothing is measured. */
  has(key: QuotaKey): boolean {
    return this.#current().keys.has(key);
  }

  find(key: QuotaKey, user: string, clientId: string): FoundQuota | undefined {
    const { quotas, keys } = this.#current();
    if (!keys.has(key)) return undefined;
    for (const level of PRECEDENCE) {
      const bound = quotas.get(quotaKey(entityOf(level, user, clientId)))?.values.get(key);
      if (bound === undefined) continue;
      const sensor = JSON.stringify([
        level.user === undefined ? '' : user,
        level.client === undefined ? '' : clientId,
      ]);
      return { bound, sensor };
    }
    return undefined;
  }

  findForIp(ip: string): number | undefined {
    const { quotas, keys } = this.#current();
    if (!keys.has('connection_creation_rate')) return undefined;
    for (const entityName of [ip, null]) {
      const quota = quotas.get(quotaKey([{ entityType: 'ip', entityName }]));
      const bound = quota?.values.get('connection_creation_rate');
      if (bound !== undefined) return bound;
    }
    return undefined;
  }

  #current(): { quotas: ReadonlyMap<string, ClientQuota>; keys: ReadonlySet<string> } {
    const { clientQuotas } = this.#image();
    // The image is replaced whole, so that the same map has the same quotas.
    if (clientQuotas !== this.#quotas) {
      this.#quotas = clientQuotas;
      this.#keys = new Set([...clientQuotas.values()].flatMap(({ values }) => [...values.keys()]));
    }
    return { quotas: clientQuotas, keys: this.#keys };
  }
}

function entityOf(
  { user, client }: (typeof PRECEDENCE)[number],
  ownUser: string,
  ownClientId: string,
): readonly QuotaEntityPart[] {
  const parts: QuotaEntityPart[] = [];
  if (client !== undefined)
    parts.push({ entityType: 'client-id', entityName: client === 'own' ? ownClientId : null });
  if (user !== undefined)
    parts.push({ entityType: 'user', entityName: user === 'own' ? ownUser : null });
  return parts;
}
