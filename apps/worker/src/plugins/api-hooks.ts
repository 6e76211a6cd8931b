/** Hooks of Node's loader, in their own thread: packages of the API that a plugin did not bring are the worker's. */
const LENT = /^@millrace\/(connector-api|foundation|record|config)$/;

interface ResolveContext {
  readonly parentURL?: string | undefined;
}

type Resolve = (
  specifier: string,
  context: ResolveContext,
) => Promise<{ readonly url: string }> | { readonly url: string };

export async function resolve(
  specifier: string,
  context: ResolveContext,
  next: Resolve,
): Promise<{ readonly url: string }> {
  try {
    return await next(specifier, context);
  } catch (error) {
    if (!LENT.test(specifier) || !isNotFound(error)) throw error;
    return next(specifier, { ...context, parentURL: import.meta.url });
  }
}

function isNotFound(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND';
}
