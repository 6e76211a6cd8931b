/** The few members of Express' request and response that we use; its types are not installed. */
export interface HttpRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body?: unknown;
}

export interface HttpResponse {
  readonly headersSent: boolean;
  status(code: number): HttpResponse;
  hasHeader(name: string): boolean;
  setHeader(name: string, value: string): HttpResponse;
  appendHeader(name: string, value: string): HttpResponse;
  end(body?: string): void;
  /** What NestJS answers with; only ever text. */
  send: (body?: string) => HttpResponse;
}

export type Next = (error?: unknown) => void;

/** JAX-RS' reading of a boolean query parameter: absent is the default, anything but `true` is false. */
export function booleanQuery(value: unknown, byDefault: boolean): boolean {
  if (value === undefined) return byDefault;
  const first: unknown = Array.isArray(value) ? value[0] : value;
  return typeof first === 'string' && first.toLowerCase() === 'true';
}

/** A query parameter that may be given several times. */
export function repeatedQuery(value: unknown): readonly string[] {
  const values: readonly unknown[] = Array.isArray(value) ? value : [value];
  return values.filter((each) => typeof each === 'string');
}
