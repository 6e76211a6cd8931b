/**
 * Before all tests: database servers that are missing are installed, which may take a minute and would be too long for
 * the tests themselves. What can't be installed is told by the tests that need it.
 */
export default async function prepareServers() {
  const servers = await import('../../test/servers/dist/index.js').catch(() => undefined);
  if (servers === undefined) return; // not built yet
  for (const find of [servers.findMariadbPrograms, servers.findMysqlPrograms])
    await find().catch(() => undefined);
}
