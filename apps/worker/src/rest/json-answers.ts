import {
  Inject,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import { lastValueFrom, of, type Observable } from 'rxjs';
import { requestTimedOut } from '../errors.ts';
import { stringifyJson } from './exact-json.ts';
import type { HttpRequest, HttpResponse } from './http.ts';
import { REST_OPTIONS, type RestOptions } from './tokens.ts';

/** Turns what a handler returns into JSON, and a handler that takes too long into a timely error. */
export class JsonAnswers implements NestInterceptor {
  readonly #timeoutMs: number;

  constructor(@Inject(REST_OPTIONS) options: RestOptions) {
    this.#timeoutMs = options.requestTimeoutMs;
  }

  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    const { method, path } = context.switchToHttp().getRequest<HttpRequest>();
    const answer = lastValueFrom<unknown, undefined>(next.handle(), { defaultValue: undefined });
    const value = await withinTime(answer, this.#timeoutMs, `handling ${method} ${path}`);
    const response = context.switchToHttp().getResponse<HttpResponse>();
    if (value === undefined) return of(undefined);
    if (typeof value !== 'string') {
      response.setHeader('Content-Type', 'application/json');
      return of(stringifyJson(value));
    }
    return of(value); // the text of /metrics
  }
}

async function withinTime<T>(work: Promise<T>, timeoutMs: number, operation: string): Promise<T> {
  const began = new Date();
  let timer: NodeJS.Timeout | undefined;
  const expiry = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(requestTimedOut(operation, began));
    }, timeoutMs);
  });
  try {
    return await Promise.race([work, expiry]);
  } finally {
    clearTimeout(timer);
  }
}
