import { nearestName, placeholdersIn } from '@millrace/config';
import type { ConnectorDocument } from '../files/connector-document.ts';
import { problemAt, type FileProblem } from '../files/file-problems.ts';
import type { RestClient } from '../rest-client.ts';

/**
 * Placeholders that the worker has no provider for. It would hand their text to the connector as it stands, as Connect
 * does, so that a database is asked for the user `${env:USER}`: an error here. A worker that does not say which
 * providers it has, such as Kafka Connect's, is a warning.
 */
export async function missingProviders(
  rest: RestClient,
  documents: readonly ConnectorDocument[],
): Promise<readonly FileProblem[]> {
  const used = documents.flatMap((document) =>
    Object.entries(document.connector?.config ?? {}).flatMap(([key, value]) =>
      placeholdersIn(value).map(({ text, provider }) => ({ document, key, text, provider })),
    ),
  );
  if (used.length === 0) return [];
  const known = (await rest.about())?.config_providers;
  if (known === undefined)
    return used.map(({ document, key, text }) =>
      problemAt(
        document,
        key,
        'warning',
        `whether the worker has a provider for ${text} is not known: it does not say`,
      ),
    );
  return used
    .filter(({ provider }) => !known.includes(provider))
    .map(({ document, key, provider, text }) =>
      problemAt(document, key, 'error', missingProvider(text, provider, known)),
    );
}

function missingProvider(text: string, provider: string, known: readonly string[]): string {
  const nearest = nearestName(provider, known);
  const remedy =
    nearest === undefined
      ? `set config.providers=${[...known, provider].join(',')} and config.providers.${provider}.class in the worker's configuration`
      : `did you mean "${nearest}"?`;
  return `the worker has no config provider "${provider}", so ${text} would stay as it is; ${remedy}`;
}
