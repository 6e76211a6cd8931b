import { Catch, HttpException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { ConfigError, type ConfigProblem } from '@millrace/config';
import { describeError, InvariantError, MillraceError, type Logger } from '@millrace/foundation';
import type { HttpRequest, HttpResponse } from './http.ts';

/** The one table from our codes to statuses; what is not here is a 500, as in Connect. */
const STATUSES: Readonly<Record<string, number>> = {
  'connect.bad_request': 400,
  'config.invalid': 400,
  'rest.unauthorized': 401,
  'rest.foreign_origin': 403,
  'connect.forbidden': 403,
  'connect.not_found': 404,
  'connect.already_exists': 409,
  'connect.conflict': 409,
  'rest.not_acceptable': 406,
  'rest.unsupported_media_type': 415,
};

interface ErrorBody {
  readonly error_code: number;
  readonly message: string;
  readonly code?: string;
  readonly hint?: string;
}

export interface ErrorFilterOptions {
  readonly log: Logger;
  /** The methods that the path of a request knows; none when there is no such path. */
  readonly methodsOf: (path: string) => readonly string[];
}

/** Every error leaves as Connect's `{error_code, message}`, with our code and hint beside them. */
@Catch()
export class ErrorFilter implements ExceptionFilter {
  readonly #options: ErrorFilterOptions;

  constructor(options: ErrorFilterOptions) {
    this.#options = options;
  }

  catch(error: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<HttpRequest>();
    const response = host.switchToHttp().getResponse<HttpResponse>();
    const body = this.#bodyFor(error, request, response);
    this.#report(error, body, request);
    if (!response.headersSent)
      response.status(body.error_code).setHeader('Content-Type', 'application/json');
    response.end(response.headersSent ? undefined : JSON.stringify(body));
  }

  #bodyFor(error: unknown, request: HttpRequest, response: HttpResponse): ErrorBody {
    if (error instanceof MillraceError) return bodyOf(error);
    const status = statusOfFrameworkError(error);
    if (status === undefined) return { error_code: 500, message: describeError(error) };
    if (status !== 404) return { error_code: status, message: messageOf(status, error) };
    const methods = this.#options.methodsOf(request.path);
    if (methods.length === 0) return { error_code: 404, message: messageOf(404, error) };
    response.setHeader('Allow', methods.join(', '));
    return { error_code: 405, message: messageOf(405, error) };
  }

  /** The client gets every error; the log gets those that are not the client's. */
  #report(error: unknown, body: ErrorBody, { method, path }: HttpRequest): void {
    const fields = { err: error, method, path, status: body.error_code };
    if (error instanceof InvariantError)
      this.#options.log.error(fields, 'a request met a bug of ours');
    else if (body.error_code >= 500 && body.code !== 'rest.unreadable_body')
      this.#options.log.warn(fields, 'a request failed; the client was told so');
    else this.#options.log.debug(fields, 'a request was refused');
  }
}

function bodyOf(error: MillraceError): ErrorBody {
  const hint = error.hint;
  return {
    error_code: STATUSES[error.code] ?? 500,
    message: error instanceof ConfigError ? invalidConfig(error.problems) : describeError(error),
    code: error.code,
    ...(hint === undefined ? {} : { hint }),
  };
}

/** Connect's text, which user interfaces show as it is. */
function invalidConfig(problems: readonly ConfigProblem[]): string {
  return [
    `Connector configuration is invalid and contains the following ${problems.length} error(s):`,
    ...problems.map((problem) => problem.message),
    'You can also find the above list of errors at the endpoint `/connector-plugins/{connectorType}/config/validate`',
  ].join('\n');
}

/** Nest's exceptions, and those of Express' body reader, know their status. */
function statusOfFrameworkError(error: unknown): number | undefined {
  if (error instanceof HttpException) return error.getStatus();
  if (!(error instanceof Error) || !('status' in error)) return undefined;
  return typeof error.status === 'number' && error.status >= 400 ? error.status : undefined;
}

const REASONS: Readonly<Record<number, string>> = {
  404: 'HTTP 404 Not Found',
  405: 'HTTP 405 Method Not Allowed',
  413: 'HTTP 413 Request Entity Too Large',
  415: 'HTTP 415 Unsupported Media Type',
};

function messageOf(status: number, error: unknown): string {
  return REASONS[status] ?? (error instanceof Error ? error.message : `HTTP ${status}`);
}
