import type { ConnectorErrors, ErrorDesk } from '../error-desk.ts';
import { notFound } from '../errors.ts';
import type { ConnectorSupervisor } from './connector-supervisor.ts';

/** What failed in the connectors of this worker. */
export class ConnectorErrorDesk implements ErrorDesk {
  readonly #find: (name: string) => ConnectorSupervisor | undefined;

  constructor(find: (name: string) => ConnectorSupervisor | undefined) {
    this.#find = find;
  }

  errorsOf(name: string): ConnectorErrors {
    const { errors } = this.#supervisor(name);
    const { since, forgotten } = errors;
    return { name, since, groups: errors.list(), forgotten };
  }

  clearErrors(name: string): void {
    this.#supervisor(name).errors.clear();
  }

  #supervisor(name: string): ConnectorSupervisor {
    const supervisor = this.#find(name);
    if (supervisor === undefined) throw notFound(`Connector ${name} not found`);
    return supervisor;
  }
}
