import {
  anyObject,
  boolean,
  empty,
  inPath,
  inQuery,
  listOf,
  record,
  ref,
  text,
  type Operation,
  type Schema,
  type Surface,
} from '../../rest/openapi/surface.ts';
import { answer, defaultToGlobal, given, page, subject } from './parts.ts';

/** Of everything, or of one subject or context. */
function configOperations(
  name: string,
  of: readonly Schema[],
): { readonly get: Operation; readonly put: Operation; readonly delete: Operation } {
  return {
    get: {
      operationId: `get${name}Config`,
      summary: 'What is configured.',
      parameters: [...of, defaultToGlobal],
      responses: answer('The configuration.', ref('Config')),
    },
    put: {
      operationId: `set${name}Config`,
      summary: 'Sets what is given; the rest stays.',
      parameters: of,
      requestBody: given(ref('ConfigRequest')),
      responses: answer('What was set.', ref('ConfigUpdate')),
    },
    delete: {
      operationId: `delete${name}Config`,
      summary: 'Takes the configuration away.',
      parameters: of,
      responses: answer('What was set before.', ref('Config')),
    },
  };
}

function modeOperations(
  name: string,
  of: readonly Schema[],
): { readonly get: Operation; readonly put: Operation; readonly delete: Operation } {
  return {
    get: {
      operationId: `get${name}Mode`,
      summary: 'Whether schemas may be registered.',
      parameters: [...of, defaultToGlobal],
      responses: answer('The mode.', ref('Mode')),
    },
    put: {
      operationId: `set${name}Mode`,
      summary: 'Sets the mode.',
      parameters: [...of, inQuery('force', 'To IMPORT with schemas there.', boolean)],
      requestBody: given(ref('Mode')),
      responses: answer('The mode.', ref('Mode')),
    },
    delete: {
      operationId: `delete${name}Mode`,
      summary: 'Takes the mode away.',
      parameters: [...of, inQuery('recursive', 'Of the subjects too.', boolean)],
      responses: answer('The mode before.', ref('Mode')),
    },
  };
}

export const settingsSurface: Surface = {
  tag: 'settings',
  description: 'Compatibility levels, modes, contexts, and the registry itself.',
  schemas: {},
  paths: {
    '/config': configOperations('Global', []),
    '/config/{subject}': configOperations('Subject', [subject]),
    '/mode': modeOperations('Global', []),
    '/mode/{subject}': modeOperations('Subject', [subject]),
    '/contexts': {
      get: {
        operationId: 'listContexts',
        summary: 'The names of all contexts.',
        parameters: [inQuery('contextPrefix', 'Only those that begin so.'), ...page],
        responses: answer('The names.', listOf(text)),
      },
    },
    '/contexts/{context}': {
      delete: {
        operationId: 'deleteContext',
        summary: 'Deletes an empty context.',
        parameters: [inPath('context', 'Its name.')],
        responses: {
          204: empty('It is gone.'),
          default: { $ref: '#/components/responses/Error' },
        },
      },
    },
    '/': {
      get: {
        operationId: 'getRoot',
        summary: 'That the registry answers.',
        responses: answer('Nothing.', record({})),
      },
      post: {
        operationId: 'postRoot',
        summary: 'That the registry answers.',
        responses: answer('Nothing.', record({})),
      },
    },
    '/v1/metadata/id': {
      get: {
        operationId: 'getClusterId',
        summary: 'Which cluster this is.',
        responses: answer('The ids.', record({ id: text, scope: anyObject })),
      },
    },
    '/v1/metadata/version': {
      get: {
        operationId: 'getVersionOfRegistry',
        summary: "Confluent's version whose API this is.",
        responses: answer('The version.', record({ version: text, commitId: text })),
      },
    },
    '/api/openapi.json': {
      get: {
        operationId: 'getOpenApi',
        summary: 'This document.',
        responses: answer('OpenAPI 3.1.', anyObject),
      },
    },
  },
};
