import type { PluginProblem } from '@millrace/runtime';

type About = Pick<PluginProblem, 'location' | 'package'>;

/** A folder of `plugin.path` that is not there, or can't be read. */
export function pathUnusable(location: string, reason: string): PluginProblem {
  return {
    severity: 'error',
    code: 'plugins.path_unusable',
    location,
    message: `"${location}" in plugin.path ${reason}`,
    hint: 'name folders: a package, or a folder of packages',
  };
}

/** Jars of Kafka Connect: the configuration was taken over from there. */
export function javaPlugin(location: string): PluginProblem {
  return {
    severity: 'warning',
    code: 'plugins.java',
    location,
    message: `"${location}" holds Java archives, which are not loaded`,
    hint: 'GET /connector-plugins lists what stands in for Java classes, by the same names',
  };
}

/** A package in `plugin.path` that says nothing of plugins. */
export function noEntry(about: About): PluginProblem {
  return {
    severity: 'warning',
    code: 'plugins.no_entry',
    ...about,
    message: 'its package.json has no "millrace" entry, so nothing of it is a plugin',
    hint: 'add "millrace": { "api": 1 } to its package.json',
  };
}

/** A `package.json` that can't be read, or whose `millrace` entry says what has no meaning. */
export function badManifest(about: About, reason: string): PluginProblem {
  return {
    severity: 'error',
    code: 'plugins.bad_manifest',
    ...about,
    message: `its package.json ${reason}`,
    hint: 'mend package.json; "millrace" is { "api": 1, "module"?, "connectors"?, "transforms"?, "converters"?, "predicates"?, "configProviders"? }',
  };
}

/** Written for other contracts than those of this worker. */
export function wrongApi(about: About, wanted: string, provided: string): PluginProblem {
  return {
    severity: 'error',
    code: 'plugins.wrong_api',
    ...about,
    message: `it was written for ${wanted}; this worker has ${provided}`,
    hint: 'install a version of the package for this worker, or update the worker',
  };
}

/** Importing the module threw, ended the process, or left an error behind. */
export function importFailed(about: About, reason: string, hint?: string): PluginProblem {
  return {
    severity: 'error',
    code: 'plugins.import_failed',
    ...about,
    message: `it can't be imported: ${reason}`,
    hint:
      hint ?? 'see what its module does when it is imported; a plugin should only define things',
  };
}

/** The import never comes to an end: a top-level await, or an endless loop. */
export function importHangs(about: About, limitMs: number): PluginProblem {
  return {
    severity: 'error',
    code: 'plugins.import_hangs',
    ...about,
    message: `its import does not end (plugin.load.timeout.ms is ${limitMs})`,
    hint: 'look for a top-level await or an endless loop in its module',
  };
}

/** What is exported is not what `package.json` says, or no plugin. */
export function badExport(about: About, reason: string): PluginProblem {
  return {
    severity: 'error',
    code: 'plugins.bad_export',
    ...about,
    message: reason,
    hint: 'export what defineSource, defineSink, defineTransform, defineConverter or definePredicate return',
  };
}
