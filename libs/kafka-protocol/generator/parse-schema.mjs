/**
 * Reads our schema notation.
 *
 *   api NAME KEY versions A-B [flexible F+] [advertised A-B]     then `request` and `response`
 *   message NAME versions A-B [flexible F+] [newer-as-latest]    then fields
 *
 * A field is `name: type [versions] [tag N] [!] [= default] [# comment]`; its nesting is its indentation.
 *   type      bool int8 int16 uint16 int32 int64 float64 uuid string bytes records, a struct's name, [type]
 *   ?         null is allowed; ?4+ from version 4 on
 *   versions  3+ or 2-5; the field does not exist on the wire in others
 *   tag N     a tagged field of the flexible versions
 *   !         changes the meaning: setting it in a version without it is an error, not ignored
 *   default   what a reader gets when the field is absent, and a writer may leave out.
 *             Fields of all versions without a default must be given.
 * A struct is defined by the indented fields below its first use.
 */

const PRIMITIVES = new Set([
  'bool',
  'int8',
  'int16',
  'uint16',
  'int32',
  'int64',
  'float64',
  'uuid',
  'string',
  'bytes',
  'records',
]);
const FIELD =
  /^(?<name>\w+): (?<type>\[\w+\]|\w+)(?<nullable>\?(?:(?<nullableFrom>\d+)\+)?)?(?: (?<from>\d+)(?:\+|-(?<to>\d+)))?(?: tag (?<tag>\d+))?(?<strict> !)?(?: = (?<default>\S+))?$/;

export function parseSchema(text, file) {
  const lines = readLines(text, file);
  const definitions = [];
  for (let index = 0; index < lines.length;) {
    const [definition, next] = parseDefinition(lines, index);
    definitions.push(definition);
    index = next;
  }
  return definitions;
}

function readLines(text, file) {
  const lines = [];
  text.split('\n').forEach((raw, index) => {
    const [, indent, rest] = /^( *)(.*)$/.exec(raw);
    const [, body, comment] = /^(.*?)\s*(?:# ?(.*))?$/.exec(rest);
    if (body === '') return;
    if (indent.length % 2 !== 0) throw new Error(`${file}:${index + 1}: odd indentation`);
    lines.push({ depth: indent.length / 2, body, comment, where: `${file}:${index + 1}` });
  });
  return lines;
}

function parseDefinition(lines, start) {
  const { body, where, depth } = lines[start];
  const head =
    /^(api|message) (\w+)(?: (\d+))? versions (\d+)-(\d+)(?: flexible (\d+)\+)?(?: advertised (\d+)-\d+)?( newer-as-latest)?$/.exec(
      body,
    );
  if (head === null || depth !== 0)
    throw new Error(`${where}: expected "api" or "message", found "${body}"`);
  const common = {
    kind: head[1],
    name: head[2],
    min: Number(head[4]),
    max: Number(head[5]),
    flexibleFrom: head[6] === undefined ? Infinity : Number(head[6]),
    readsNewerAsLatest: head[8] !== undefined,
  };
  let end = start + 1;
  while (end < lines.length && lines[end].depth > 0) end += 1;
  const inside = lines.slice(start + 1, end);
  if (common.kind === 'message')
    return [{ ...common, message: parseMessage(common, common.name, inside, 1) }, end];
  const responseAt = inside.findIndex((line) => line.body === 'response');
  if (inside[0]?.body !== 'request' || responseAt === -1)
    throw new Error(`${where}: an api has a request and a response`);
  return [
    {
      ...common,
      key: Number(head[3]),
      advertisedMin: head[7] === undefined ? common.min : Number(head[7]),
      request: parseMessage(common, `${common.name}Request`, inside.slice(1, responseAt), 2),
      response: parseMessage(common, `${common.name}Response`, inside.slice(responseAt + 1), 2),
    },
    end,
  ];
}

/** A message: `structs` in the order of their definition, itself first. */
function parseMessage({ min, max, flexibleFrom }, name, lines, depth) {
  const structs = new Map();
  const message = { name, min, max, flexibleFrom, structs };
  const root = { name, local: undefined, fields: [] };
  structs.set('', root);
  const taken = parseFields(lines, 0, depth, root, message);
  if (taken !== lines.length) throw new Error(`${lines[taken].where}: unexpected indentation`);
  for (const struct of structs.values()) {
    const names = new Set(struct.fields.map((field) => field.name));
    if (names.size !== struct.fields.length)
      throw new Error(`${struct.name}: a field is there twice`);
  }
  return message;
}

function parseFields(lines, start, depth, struct, message) {
  let index = start;
  while (index < lines.length && lines[index].depth === depth) {
    const line = lines[index];
    const field = parseField(line, message);
    struct.fields.push(field);
    index += 1;
    if (field.struct === undefined) continue;
    const isDefined = message.structs.has(field.struct);
    if (index < lines.length && lines[index].depth === depth + 1) {
      if (isDefined) throw new Error(`${line.where}: ${field.struct} is defined twice`);
      const child = { name: message.name + field.struct, local: field.struct, fields: [] };
      message.structs.set(field.struct, child);
      index = parseFields(lines, index, depth + 1, child, message);
    } else if (!isDefined) {
      throw new Error(`${line.where}: ${field.struct} is not defined`);
    }
  }
  return index;
}

function parseField({ body, comment, where }, message) {
  const match = FIELD.exec(body);
  if (match === null) throw new Error(`${where}: not a field: "${body}"`);
  const g = match.groups;
  const isArray = g.type.startsWith('[');
  const element = isArray ? g.type.slice(1, -1) : g.type;
  const from = Math.max(message.min, Number(g.from ?? message.min));
  const to = Math.min(
    message.max,
    g.from === undefined
      ? message.max
      : Number(g.to ?? (/ \d+\+/.test(body) ? message.max : g.from)),
  );
  if (from > to) throw new Error(`${where}: no version has this field`);
  return {
    name: g.name,
    comment,
    isArray,
    type: element,
    struct: PRIMITIVES.has(element) ? undefined : element,
    nullableFrom: g.nullable === undefined ? undefined : Number(g.nullableFrom ?? 0),
    from,
    to,
    tag: g.tag === undefined ? undefined : Number(g.tag),
    isStrict: g.strict !== undefined,
    default: g.default,
  };
}
