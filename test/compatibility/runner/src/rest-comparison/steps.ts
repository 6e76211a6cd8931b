/** One request that both are asked, and whose answers are compared. */
export interface Ask {
  readonly kind: 'ask';
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

/** Both are asked until their answer matches: what was asked for takes its time. */
export interface Settle {
  readonly kind: 'settle';
  readonly path: string;
  readonly pattern: RegExp;
}

export type Step = Ask | Settle;

/** Steps that follow each other; what they make, they delete. */
export interface Scenario {
  readonly name: string;
  readonly steps: readonly Step[];
}

export interface AskOptions {
  /** In place of method and path; needed when both occur twice. */
  readonly name?: string;
  /** Over `Content-Type: application/json` for what has a body. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** A string is sent as it is, anything else as JSON. */
export function ask(method: string, path: string, body?: unknown, options: AskOptions = {}): Ask {
  const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
  return {
    kind: 'ask',
    name: options.name ?? `${method} ${path}`,
    method,
    path,
    headers: {
      ...(text === undefined ? {} : { 'Content-Type': 'application/json' }),
      ...options.headers,
    },
    body: text,
  };
}

export function settle(path: string, pattern: RegExp): Settle {
  return { kind: 'settle', path, pattern };
}
