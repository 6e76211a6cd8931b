/** Who somebody is, in Kafka's form: `User:alice`. */
export interface Principal {
  readonly type: string;
  readonly name: string;
}

/** Who did not say who he is. */
export const ANONYMOUS: Principal = { type: 'User', name: 'ANONYMOUS' };

export function user(name: string): Principal {
  return { type: 'User', name };
}

export function formatPrincipal({ type, name }: Principal): string {
  return `${type}:${name}`;
}

/** `User:alice`; undefined for what has no type and name. */
export function parsePrincipal(text: string): Principal | undefined {
  const colon = text.indexOf(':');
  if (colon <= 0 || colon === text.length - 1) return undefined;
  return { type: text.slice(0, colon), name: text.slice(colon + 1) };
}

export function isSamePrincipal(one: Principal, other: Principal): boolean {
  return one.type === other.type && one.name === other.name;
}
