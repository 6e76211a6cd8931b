import { Catch, HttpException } from '@nestjs/common';
import type {
  ArgumentsHost,
  CallHandler,
  ExceptionFilter,
  ExecutionContext,
  NestInterceptor,
} from '@nestjs/common';
import { describeError, MillraceError, type Logger } from '@millrace/foundation';
import { SchemaRegistryError } from '@millrace/schema-registry';
import { lastValueFrom, of, type Observable } from 'rxjs';
import type { HttpRequest, HttpResponse } from '../rest/http.ts';

const V1 = 'application/vnd.schemaregistry.v1+json';
const MEDIA_TYPES = [V1, 'application/vnd.schemaregistry+json', 'application/json'];

/** Every answer is JSON, of the media type that the client would rather have. */
export class RegistryAnswers implements NestInterceptor {
  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    const request = context.switchToHttp().getRequest<HttpRequest>();
    const response = context.switchToHttp().getResponse<HttpResponse>();
    const value = await lastValueFrom<unknown, undefined>(next.handle(), {
      defaultValue: undefined,
    });
    if (value === undefined) return of(undefined);
    if (!response.hasHeader('Content-Type'))
      response.setHeader('Content-Type', mediaTypeFor(request));
    const isSchemaText = typeof value === 'string';
    return of(isSchemaText ? value : JSON.stringify(value));
  }
}

function mediaTypeFor({ headers }: HttpRequest): string {
  const accept = typeof headers['accept'] === 'string' ? headers['accept'].toLowerCase() : '';
  return MEDIA_TYPES.find((type) => accept.includes(type)) ?? V1;
}

/** Every error leaves as Confluent's `{error_code, message}`. */
@Catch()
export class RegistryErrors implements ExceptionFilter {
  readonly #log: Logger;

  constructor(log: Logger) {
    this.#log = log;
  }

  catch(error: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<HttpRequest>();
    const response = host.switchToHttp().getResponse<HttpResponse>();
    const { status, body } = answerOf(error);
    const fields = { err: error, method: request.method, path: request.path, status };
    if (status >= 500) this.#log.warn(fields, 'a request failed; the client was told so');
    else this.#log.debug(fields, 'a request was refused');
    if (!response.headersSent)
      response.status(status).setHeader('Content-Type', mediaTypeFor(request));
    response.end(response.headersSent ? undefined : JSON.stringify(body));
  }
}

interface ErrorAnswer {
  readonly status: number;
  readonly body: { readonly error_code: number; readonly message: string; readonly hint?: string };
}

function answerOf(error: unknown): ErrorAnswer {
  if (error instanceof SchemaRegistryError) {
    const { errorCode, httpStatus, hint } = error;
    const message = httpStatus >= 500 ? describeError(error) : error.message;
    const body = { error_code: errorCode, message, ...(hint === undefined ? {} : { hint }) };
    return { status: httpStatus, body };
  }
  const status = error instanceof MillraceError ? (STATUSES[error.code] ?? 500) : statusOf(error);
  const message = REASONS[status] ?? describeError(error);
  // 50001: the store, which is what else can fail.
  const code = status === 500 && error instanceof MillraceError ? 50001 : status;
  return { status, body: { error_code: code, message } };
}

/** Nest's exceptions, and those of Express' body reader, know their status. */
function statusOf(error: unknown): number {
  if (error instanceof MillraceError && error.code === 'rest.unauthorized') return 401;
  if (error instanceof MillraceError && error.code === 'rest.foreign_origin') return 403;
  if (error instanceof HttpException) return error.getStatus();
  if (!(error instanceof Error) || !('status' in error)) return 500;
  return typeof error.status === 'number' && error.status >= 400 ? error.status : 500;
}

/** Of what is checked before a request reaches the registry. */
const STATUSES: Readonly<Record<string, number>> = {
  'rest.foreign_origin': 403,
};

const REASONS: Readonly<Record<number, string>> = {
  404: 'HTTP 404 Not Found',
  405: 'HTTP 405 Method Not Allowed',
  413: 'HTTP 413 Request Entity Too Large',
};
