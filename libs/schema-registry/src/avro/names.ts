/** How strictly names are looked at: new schemas as Avro's specification says, registered ones as older Avro did. */
export interface NameRules {
  readonly isNew: boolean;
}

const STRICT = { initial: /^[A-Za-z_]/, whole: /^[A-Za-z_][A-Za-z0-9_]*$/ };
const UNICODE = { initial: /^[\p{L}_]/u, whole: /^[\p{L}_][\p{L}\p{Nd}_]*$/u };

/** @throws Error in Avro's words */
export function checkName(name: string, { isNew }: NameRules): string {
  const rules = isNew ? STRICT : UNICODE;
  if (name === '') throw new Error('Empty name');
  if (!rules.initial.test(name)) throw new Error(`Illegal initial character: ${name}`);
  if (!rules.whole.test(name)) throw new Error(`Illegal character in: ${name}`);
  return name;
}

export interface SplitName {
  readonly name: string;
  readonly namespace: string | undefined;
}

/** A name with dots has its namespace in it; else the one around it counts. An empty namespace is none. */
export function splitName(text: string, around: string | undefined): SplitName {
  const dot = text.lastIndexOf('.');
  const namespace = dot < 0 ? around : text.slice(0, dot);
  return { name: text.slice(dot + 1), namespace: namespace === '' ? undefined : namespace };
}
