/** One HTTP request to a registry; credentials are in the headers. */
export interface RegistryRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface RegistryResponse {
  readonly status: number;
  readonly body: string;
}

/** How requests reach a registry. Rejects when there is no complete answer; any status is an answer. */
export interface RegistryTransport {
  send(request: RegistryRequest, signal: AbortSignal): Promise<RegistryResponse>;
}
