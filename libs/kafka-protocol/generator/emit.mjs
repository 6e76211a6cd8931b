/** Turns parsed schemas into TypeScript: types, encoders, decoders, defaults. */

const BYTES_MIN = {
  bool: 1,
  int8: 1,
  int16: 2,
  uint16: 2,
  int32: 4,
  int64: 8,
  float64: 8,
  uuid: 16,
};
const TS_TYPES = {
  bool: 'boolean',
  int8: 'number',
  int16: 'number',
  uint16: 'number',
  int32: 'number',
  int64: 'number',
  float64: 'number',
  uuid: 'string',
  string: 'string',
  bytes: 'Uint8Array',
  records: 'Uint8Array',
};
const IMPLICIT_DEFAULTS = {
  bool: 'false',
  int8: '0',
  int16: '0',
  uint16: '0',
  int32: '0',
  int64: '0',
  float64: '0',
  uuid: 'ZERO_UUID',
  string: "''",
  bytes: 'EMPTY_BYTES',
  records: 'EMPTY_BYTES',
};

export function emitFile(definitions, source) {
  const body = definitions
    .map((definition) =>
      definition.kind === 'api'
        ? [
            emitMessage(definition.request),
            emitMessage(definition.response),
            emitApi(definition),
          ].join('\n')
        : [emitMessage(definition.message), emitStandalone(definition)].join('\n'),
    )
    .join('\n');
  const fromApi = ['checkVersion', 'EMPTY_BYTES', 'fieldNotInVersion', 'notNull'].filter((name) =>
    body.includes(name),
  );
  const types = [
    definitions.some((d) => d.kind === 'api') ? 'Api' : '',
    definitions.some((d) => d.kind === 'message') ? 'Message' : '',
  ].filter(Boolean);
  return [
    `// Generated from schemas/${source} by generator/generate.mjs; change that and run it.`,
    `import { ${[...fromApi, ...types.map((t) => `type ${t}`)].join(', ')} } from '../api.ts';`,
    `import type { Reader } from '../reader.ts';`,
    ...(body.includes('ZERO_UUID') ? [`import { ZERO_UUID } from '../uuid.ts';`] : []),
    `import type { Writer } from '../writer.ts';`,
    '',
    body,
  ].join('\n');
}

export function emitRegistry(files) {
  const apis = files.flatMap(({ source, definitions }) =>
    definitions.filter((d) => d.kind === 'api').map((d) => ({ source, d })),
  );
  const messages = files.flatMap(({ source, definitions }) =>
    definitions.filter((d) => d.kind === 'message').map((d) => ({ source, d })),
  );
  apis.sort((a, b) => a.d.key - b.d.key);
  const lines = ['// Generated from schemas/ by generator/generate.mjs; change those and run it.'];
  for (const { source, definitions } of files) {
    const names = definitions.map((d) => constName(d)).sort();
    lines.push(`import { ${names.join(', ')} } from './${source.replace('.schema', '.ts')}';`);
  }
  lines.push(
    '',
    '/** Every request that has a codec, by the order of their keys. */',
    'export const apis = {',
  );
  for (const { d } of apis) lines.push(`  ${lower(d.name)}: ${constName(d)},`);
  lines.push('} as const;', '', '/** Messages that stand alone. */', 'export const messages = {');
  for (const { d } of messages) lines.push(`  ${lower(d.name)}: ${constName(d)},`);
  lines.push('} as const;', '');
  for (const { source } of files)
    lines.push(`export type * from './${source.replace('.schema', '.ts')}';`);
  return lines.join('\n') + '\n';
}

function constName(definition) {
  return `${lower(definition.name)}${definition.kind === 'api' ? 'Api' : 'Message'}`;
}

function emitApi(d) {
  const [req, res] = [d.request.name, d.response.name];
  return `export const ${constName(d)}: Api<${req}, ${res}, ${req}Input, ${res}Input> = {
  key: ${d.key},
  name: '${d.name}',
  minVersion: ${d.min},
  maxVersion: ${d.max},
  advertisedMinVersion: ${d.advertisedMin},
  flexibleFrom: ${d.flexibleFrom},
  encodeRequest(w: Writer, request: ${req}Input, version: number): void {
    checkVersion('${d.name}', version, ${d.min}, ${d.max});
    write${req}(w, request, version);
  },
  decodeRequest(r: Reader, version: number): ${req} {
    checkVersion('${d.name}', version, ${d.min}, ${d.max});
    return read${req}(r, version);
  },
  encodeResponse(w: Writer, response: ${res}Input, version: number): void {
    checkVersion('${d.name}', version, ${d.min}, ${d.max});
    write${res}(w, response, version);
  },
  decodeResponse(r: Reader, version: number): ${res} {
    checkVersion('${d.name}', version, ${d.min}, ${d.max});
    return read${res}(r, version);
  },
  completeRequest: complete${req},
  completeResponse: complete${res},
};
`;
}

function emitStandalone(d) {
  const name = d.name;
  return `export const ${constName(d)}: Message<${name}, ${name}Input> = {
  name: '${name}',
  minVersion: ${d.min},
  maxVersion: ${d.max},
  flexibleFrom: ${d.flexibleFrom},
  readsNewerAsLatest: ${d.readsNewerAsLatest},
  encode(w: Writer, value: ${name}Input, version: number): void {
    checkVersion('${name}', version, ${d.min}, ${d.max});
    write${name}(w, value, version);
  },
  decode(r: Reader, version: number): ${name} {
    checkVersion('${name}', version, ${d.min}, ${d.max});
    return read${name}(r, version);
  },
};
`;
}

function emitMessage(message) {
  // Apis fill in defaults; a message that stands alone is always encoded.
  const hasComplete = /(Request|Response)$/.test(message.name);
  const parts = [];
  for (const struct of message.structs.values()) {
    parts.push(emitTypes(struct, message));
  }
  for (const struct of message.structs.values()) {
    parts.push(emitWriter(struct, message), emitReader(struct, message));
    if (hasComplete) parts.push(emitComplete(struct, message));
    if (isTaggedStruct(struct, message)) parts.push(emitDefault(struct, message));
  }
  return parts.join('\n');
}

// ---- types

function emitTypes(struct, message) {
  const fields = (isInput) =>
    struct.fields
      .map((field) => {
        const doc = field.comment === undefined ? '' : `  /** ${capital(field.comment)} */\n`;
        const isOptional = isInput && hasDefault(field, message);
        return `${doc}  readonly ${field.name}${isOptional ? '?' : ''}: ${tsType(field, message, isInput)}${isOptional ? ' | undefined' : ''};\n`;
      })
      .join('');
  return `export interface ${struct.name} {\n${fields(false)}}\n\nexport interface ${struct.name}Input {\n${fields(true)}}\n`;
}

function tsType(field, message, isInput) {
  const element =
    field.struct === undefined
      ? TS_TYPES[field.type]
      : message.structs.get(field.struct).name + (isInput ? 'Input' : '');
  return (
    (field.isArray ? `readonly ${element}[]` : element) +
    (field.nullableFrom === undefined ? '' : ' | null')
  );
}

/** A writer may leave it out. */
function hasDefault(field, message) {
  return (
    field.default !== undefined ||
    field.tag !== undefined ||
    field.from > message.min ||
    field.to < message.max
  );
}

function defaultOf(field, message) {
  const given = field.default;
  if (given === 'null' || given === '[]') return given;
  if (given === 'zero') return 'ZERO_UUID';
  if (given !== undefined && (field.type === 'bytes' || field.type === 'records'))
    return 'EMPTY_BYTES';
  if (given !== undefined) return given;
  if (field.isArray) return '[]';
  if (field.struct !== undefined)
    return `DEFAULT_${constantCase(message.structs.get(field.struct).name)}`;
  return IMPLICIT_DEFAULTS[field.type];
}

// ---- encode

function emitWriter(struct, message) {
  const lines = [];
  const flexible = flexibleExpression(message);
  const plain = struct.fields.filter((field) => field.tag === undefined);
  for (const field of plain) {
    const inVersion = versionCondition(field.from, field.to, message);
    const value = inputValue(field, message);
    const write = writeValue(field, message, value);
    if (inVersion === undefined) lines.push(...write);
    else {
      lines.push(`if (${inVersion}) {`, ...write.map((line) => `  ${line}`), '}');
      if (field.isStrict) {
        lines[lines.length - 1] = `} else if (${isSet(field, message, value)}) {`;
        lines.push(`  throw fieldNotInVersion('${message.name}.${field.name}', version);`, '}');
      }
    }
  }
  const tagged = struct.fields
    .filter((field) => field.tag !== undefined)
    .sort((a, b) => a.tag - b.tag);
  const tagLines = [];
  if (tagged.length === 0) tagLines.push('w.unsignedVarint(0);');
  else {
    for (const field of tagged) {
      const inVersion = versionCondition(field.from, field.to, message);
      tagLines.push(
        `const has${capital(field.name)} = ${inVersion === undefined ? '' : `${inVersion} && `}${isSet(field, message, inputValue(field, message))};`,
      );
    }
    tagLines.push(
      `w.unsignedVarint(${tagged.map((field) => `Number(has${capital(field.name)})`).join(' + ')});`,
    );
    for (const field of tagged) {
      tagLines.push(
        `if (has${capital(field.name)}) {`,
        `  const sizeAt = w.openTaggedField(${field.tag});`,
        ...writeValue(field, message, inputValue(field, message)).map((line) => `  ${line}`),
        '  w.closeTaggedField(sizeAt);',
        '}',
      );
    }
  }
  if (flexible === 'true') lines.push(...tagLines);
  else if (flexible !== 'false')
    lines.push('if (flexible) {', ...tagLines.map((line) => `  ${line}`), '}');
  return functionOf(
    `write${struct.name}(w: Writer, v: ${struct.name}Input, version: number): void`,
    lines,
    message,
  );
}

function inputValue(field, message) {
  if (!hasDefault(field, message)) return `v.${field.name}`;
  const fallback = defaultOf(field, message);
  if (field.nullableFrom !== undefined && fallback !== 'null')
    return `(v.${field.name} === undefined ? ${fallback} : v.${field.name})`;
  return `(v.${field.name} ?? ${fallback})`;
}

function isSet(field, message, value) {
  const fallback = defaultOf(field, message);
  if (field.isArray && fallback === '[]')
    return field.nullableFrom === undefined ? `${value}.length > 0` : `${value}?.length !== 0`;
  // Kafka's readers take one that is left out for an empty one: its absence is written, too.
  if (isNullableStruct(field)) return field.tag === undefined ? `${value} !== null` : 'true';
  if (field.struct !== undefined && !field.isArray)
    return `!isDefault${message.structs.get(field.struct).name}(${value})`;
  if (fallback === 'EMPTY_BYTES') return `${value}.byteLength > 0`;
  if (field.type === 'bool') return fallback === 'false' ? value : `!${value}`;
  return `${value} !== ${fallback}`;
}

function writeValue(field, message, value) {
  const flexible = flexibleName(message);
  const nullable = nullableCondition(field, message);
  if (field.isArray) {
    const items = `${field.name}Items`;
    const each =
      field.struct === undefined
        ? writePrimitive(field.type, 'item', flexible)
        : `write${message.structs.get(field.struct).name}(w, item, version);`;
    const writeItems = (list) => [
      `w.arrayLength(${list}.length, ${flexible});`,
      `for (const item of ${list}) ${each}`,
    ];
    const bind = `const ${items} = ${value};`;
    if (nullable === 'never')
      return ['{', `  ${bind}`, ...writeItems(items).map((l) => `  ${l}`), '}'];
    const refuse =
      nullable === 'always'
        ? []
        : [`if (!(${nullable})) notNull(${items}, '${message.name}.${field.name}');`];
    return [
      '{',
      `  ${bind}`,
      ...refuse.map((l) => `  ${l}`),
      `  if (${items} === null) w.nullArray(${flexible});`,
      '  else {',
      ...writeItems(items).map((l) => `    ${l}`),
      '  }',
      '}',
    ];
  }
  if (field.struct !== undefined) {
    const write = `write${message.structs.get(field.struct).name}`;
    if (nullable === 'never') return [`${write}(w, ${value}, version);`];
    const struct = `${field.name}Struct`;
    return [
      '{',
      `  const ${struct} = ${value};`,
      `  w.int8(${struct} === null ? ${absenceOf(field)} : 1);`,
      `  if (${struct} !== null) ${write}(w, ${struct}, version);`,
      '}',
    ];
  }
  if (field.type === 'string' || field.type === 'bytes' || field.type === 'records') {
    const method = field.type === 'string' ? 'string' : 'bytes';
    if (nullable === 'never') return [`w.${method}(${value}, ${flexible});`];
    if (nullable === 'always') return [`w.nullable${capital(method)}(${value}, ${flexible});`];
    return [
      `if (${nullable}) w.nullable${capital(method)}(${value}, ${flexible});`,
      `else w.${method}(notNull(${value}, '${message.name}.${field.name}'), ${flexible});`,
    ];
  }
  return [`w.${field.type}(${value});`];
}

function writePrimitive(type, value, flexible) {
  if (type === 'string' || type === 'bytes') return `w.${type}(${value}, ${flexible});`;
  return `w.${type}(${value});`;
}

// ---- decode

function emitReader(struct, message) {
  const lines = [];
  const flexible = flexibleExpression(message);
  const tagged = struct.fields
    .filter((field) => field.tag !== undefined)
    .sort((a, b) => a.tag - b.tag);
  for (const field of struct.fields) {
    const type = tsType(field, message, false);
    if (field.tag !== undefined) {
      lines.push(`let ${field.name}: ${type} = ${defaultOf(field, message)};`);
      continue;
    }
    const inVersion = versionCondition(field.from, field.to, message);
    if (field.isArray) {
      const read = readArray(field, message, field.name);
      if (inVersion === undefined)
        lines.push(
          `let ${field.name}: ${mutable(type)} = ${defaultOf(field, message) === 'null' ? 'null' : '[]'};`,
          ...read,
        );
      else
        lines.push(
          `let ${field.name}: ${mutable(type)} = ${defaultOf(field, message)};`,
          `if (${inVersion}) {`,
          ...read.map((l) => `  ${l}`),
          '}',
        );
    } else if (inVersion === undefined)
      lines.push(`const ${field.name} = ${readValue(field, message)};`);
    else
      lines.push(
        `const ${field.name} = ${inVersion} ? ${readValue(field, message)} : ${defaultOf(field, message)};`,
      );
  }
  const tagLines = [];
  if (tagged.length === 0) tagLines.push('r.skipTaggedFields();');
  else {
    tagLines.push(
      'for (let count = r.unsignedVarint(); count > 0; count -= 1) {',
      '  const tag = r.unsignedVarint();',
      '  const end = r.taggedFieldEnd();',
    );
    tagged.forEach((field, index) => {
      const inVersion = versionCondition(field.from, field.to, message);
      tagLines.push(
        `  ${index === 0 ? '' : '} else '}if (tag === ${field.tag}${inVersion === undefined ? '' : ` && ${inVersion}`}) {`,
      );
      if (field.isArray) {
        const items = `${field.name}Items`;
        tagLines.push(
          `    let ${items}: ${mutable(tsType(field, message, false))} = [];`,
          ...readArray(field, message, items).map((l) => `    ${l}`),
          `    ${field.name} = ${items};`,
        );
      } else tagLines.push(`    ${field.name} = ${readValue(field, message)};`);
      tagLines.push('    r.expectAt(end);');
    });
    tagLines.push('  } else {', '    r.skipTo(end);', '  }', '}');
  }
  if (flexible === 'true') lines.push(...tagLines);
  else if (flexible !== 'false')
    lines.push('if (flexible) {', ...tagLines.map((line) => `  ${line}`), '}');
  lines.push(`return { ${struct.fields.map((field) => field.name).join(', ')} };`);
  return functionOf(
    `read${struct.name}(r: Reader, version: number): ${struct.name}`,
    lines,
    message,
  );
}

function mutable(type) {
  return type.replace(/^readonly /, '');
}

function readArray(field, message, target) {
  const flexible = flexibleName(message);
  const nullable = nullableCondition(field, message);
  const bytesMin = elementBytesMin(field, message);
  const count = `${target}Count`;
  const item =
    field.struct === undefined
      ? readPrimitive(field.type, flexible)
      : `read${message.structs.get(field.struct).name}(r, version)`;
  const call = (name) => `r.${name}(${flexible}, ${bytesMin})`;
  if (nullable === 'never') {
    return [
      `for (let left = ${call('arrayLength')}; left > 0; left -= 1) ${target}.push(${item});`,
    ];
  }
  const read =
    nullable === 'always'
      ? call('nullableArrayLength')
      : `${nullable} ? ${call('nullableArrayLength')} : ${call('arrayLength')}`;
  return [
    `const ${count} = ${read};`,
    `if (${count} === -1) ${target} = null;`,
    'else {',
    `  ${target} = [];`,
    `  for (let left = ${count}; left > 0; left -= 1) ${target}.push(${item});`,
    '}',
  ];
}

function readValue(field, message) {
  const flexible = flexibleName(message);
  if (field.struct !== undefined) {
    const read = `read${message.structs.get(field.struct).name}(r, version)`;
    if (!isNullableStruct(field)) return read;
    return `(r.int8() <= ${absenceOf(field)} ? null : ${read})`;
  }
  if (field.type === 'string' || field.type === 'bytes' || field.type === 'records') {
    const method = field.type === 'string' ? 'string' : 'bytes';
    const nullable = nullableCondition(field, message);
    if (nullable === 'never') return `r.${method}(${flexible})`;
    if (nullable === 'always') return `r.nullable${capital(method)}(${flexible})`;
    return `(${nullable} ? r.nullable${capital(method)}(${flexible}) : r.${method}(${flexible}))`;
  }
  return `r.${field.type}()`;
}

function readPrimitive(type, flexible) {
  return type === 'string' || type === 'bytes' ? `r.${type}(${flexible})` : `r.${type}()`;
}

/** The least bytes that an element has in any version: bounds what a length may claim. */
function elementBytesMin(field, message) {
  let least = Infinity;
  for (let version = field.from; version <= field.to; version += 1) {
    least = Math.min(
      least,
      field.struct === undefined
        ? primitiveBytes(field.type, version, message)
        : structBytes(message.structs.get(field.struct), version, message),
    );
  }
  return Math.max(1, least);
}

function primitiveBytes(type, version, message) {
  if (type in BYTES_MIN) return BYTES_MIN[type];
  if (version >= message.flexibleFrom) return 1;
  return type === 'string' ? 2 : 4;
}

function structBytes(struct, version, message) {
  let bytes = version >= message.flexibleFrom ? 1 : 0;
  for (const field of struct.fields) {
    if (field.tag !== undefined || version < field.from || version > field.to) continue;
    if (isNullableStruct(field)) bytes += 1;
    else if (field.isArray) bytes += version >= message.flexibleFrom ? 1 : 4;
    else
      bytes +=
        field.struct === undefined
          ? primitiveBytes(field.type, version, message)
          : structBytes(message.structs.get(field.struct), version, message);
  }
  return bytes;
}

// ---- defaults

function emitComplete(struct, message) {
  const fields = struct.fields.map((field) => {
    const value = inputValue(field, message);
    if (field.struct === undefined) return `    ${field.name}: ${value},`;
    const complete = `complete${message.structs.get(field.struct).name}`;
    if (isNullableStruct(field))
      return `    ${field.name}: v.${field.name} == null ? null : ${complete}(v.${field.name}),`;
    if (!field.isArray) return `    ${field.name}: ${complete}(${value}),`;
    return `    ${field.name}: ${value}${field.nullableFrom === undefined ? '' : '?'}.map(${complete})${field.nullableFrom === undefined ? '' : ' ?? null'},`;
  });
  return `function complete${struct.name}(v: ${struct.name}Input): ${struct.name} {\n  return {\n${fields.join('\n')}\n  };\n}\n`.replace(
    struct.fields.length === 0 ? '(v: ' : '\0',
    '(_v: ',
  );
}

function isTaggedStruct(struct, message) {
  return [...message.structs.values()].some((s) =>
    s.fields.some(
      (f) =>
        f.tag !== undefined &&
        !f.isArray &&
        f.struct !== undefined &&
        f.nullableFrom === undefined &&
        message.structs.get(f.struct) === struct,
    ),
  );
}

function emitDefault(struct, message) {
  const name = `DEFAULT_${constantCase(struct.name)}`;
  const values = struct.fields
    .map((field) => `${field.name}: ${defaultOf(field, message)}`)
    .join(', ');
  const tests = struct.fields
    .map((field) => `!(${isSet(field, message, inputValue(field, message))})`)
    .join(' && ');
  return `const ${name}: ${struct.name} = { ${values} };\n\nfunction isDefault${struct.name}(v: ${struct.name}Input): boolean {\n  return ${tests};\n}\n`;
}

// ---- small things

/** Null and present are told apart by a byte before it; only from its first version on. */
function isNullableStruct(field) {
  return field.struct !== undefined && !field.isArray && field.nullableFrom !== undefined;
}

/** What stands for null in that byte: in a tagged field it is a varint. */
function absenceOf(field) {
  return field.tag === undefined ? -1 : 0;
}

function functionOf(signature, lines, message) {
  const flexible = flexibleExpression(message);
  const text = lines.join('\n');
  const all =
    /\bflexible\b/.test(text) && flexible !== 'true' && flexible !== 'false'
      ? [`const flexible = ${flexible};`, ...lines]
      : lines;
  let usedSignature = signature;
  if (!/\bversion\b/.test(all.join('\n')))
    usedSignature = usedSignature.replace('version: number', '_version: number');
  if (!/\bv\./.test(text)) usedSignature = usedSignature.replace(/\bv: /, '_v: ');
  if (!/\bw\./.test(text) && !/\(w,/.test(text))
    usedSignature = usedSignature.replace(/\bw: /, '_w: ');
  if (!/\br\./.test(text) && !/\(r,/.test(text))
    usedSignature = usedSignature.replace(/\br: /, '_r: ');
  return `function ${usedSignature} {\n${all.map((line) => `  ${line}`).join('\n')}\n}\n`;
}

function flexibleExpression(message) {
  if (message.flexibleFrom > message.max) return 'false';
  if (message.flexibleFrom <= message.min) return 'true';
  return `version >= ${message.flexibleFrom}`;
}

function flexibleName(message) {
  const expression = flexibleExpression(message);
  return expression === 'true' || expression === 'false' ? expression : 'flexible';
}

/** undefined when every version has it. */
function versionCondition(from, to, message) {
  const parts = [];
  if (from > message.min) parts.push(`version >= ${from}`);
  if (to < message.max) parts.push(`version <= ${to}`);
  return parts.length === 0 ? undefined : parts.join(' && ');
}

function nullableCondition(field, message) {
  if (field.nullableFrom === undefined) return 'never';
  return field.nullableFrom <= Math.max(field.from, message.min)
    ? 'always'
    : `version >= ${field.nullableFrom}`;
}

function lower(name) {
  return name[0].toLowerCase() + name.slice(1);
}

function capital(name) {
  return name[0].toUpperCase() + name.slice(1);
}

function constantCase(name) {
  return name.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toUpperCase();
}
