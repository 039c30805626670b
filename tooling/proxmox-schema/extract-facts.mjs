/**
 * Keeps of one release's API tree what a program needs and drops the prose:
 * `Map<"GET /path", { parameters, data, protected, proxyto, allowtoken, permissions }>`.
 */
export function extractFacts(tree) {
  const routes = new Map();
  const visit = (nodes) => {
    for (const node of nodes) {
      for (const [verb, method] of Object.entries(node.info ?? {})) {
        routes.set(`${verb} ${node.path}`, {
          parameters: parametersOf(method.parameters),
          data: valueFacts(method.returns ?? {}),
          ...(method.protected ? { protected: 1 } : {}),
          ...(method.proxyto ? { proxyto: method.proxyto } : {}),
          ...(method.allowtoken === 0 ? { allowtoken: 0 } : {}),
          ...(method.permissions ? { permissions: permissionFacts(method.permissions) } : {}),
        });
      }
      visit(node.children ?? []);
    }
  };
  visit(tree);
  return routes;
}

/** Alternatives (`oneOf` by type) are merged: what not every alternative requires is optional. */
function parametersOf(schema) {
  if (!schema) return {};
  if (schema.allOf) return Object.assign({}, ...schema.allOf.map(parametersOf));
  if (schema.oneOf) {
    const alternatives = schema.oneOf.map(parametersOf);
    const merged = {};
    for (const [name, facts] of alternatives.flatMap((properties) => Object.entries(properties))) {
      const everywhere = alternatives.every((properties) => properties[name] && !properties[name].optional);
      merged[name] = mergeAlternatives(merged[name], everywhere ? facts : { ...facts, optional: 1 });
    }
    const selector = schema['type-property'];
    const values = schema.oneOf.map((alternative) => alternative['instance-type']).filter(Boolean);
    return selector ? { ...merged, [selector]: { type: 'string', enum: values.sort() } } : merged;
  }
  return Object.fromEntries(
    Object.entries(schema.properties ?? {}).map(([name, property]) => [name, valueFacts(property)]),
  );
}

function mergeAlternatives(known, added) {
  if (!known || JSON.stringify(known) === JSON.stringify(added)) return added;
  if (known.enum && added.enum)
    return { ...known, enum: [...new Set([...known.enum, ...added.enum])].sort() };
  const { enum: _enum, pattern: _pattern, ...rest } = known;
  return rest.type === added.type ? rest : { optional: 1 };
}

function valueFacts(schema) {
  if (Array.isArray(schema.oneOf)) return schema.oneOf.map(valueFacts).reduce(mergeAlternatives);
  const facts = {};
  if (typeof schema.type === 'string' && schema.type !== 'any') facts.type = schema.type;
  else if (schema.properties) facts.type = 'object';
  else if (schema.items) facts.type = 'array';
  if (Number(schema.optional)) facts.optional = 1;
  if (Array.isArray(schema.enum)) facts.enum = schema.enum.filter((value) => value !== null).map(String);
  for (const bound of ['minimum', 'maximum', 'minLength', 'maxLength']) {
    if (schema[bound] !== undefined && Number.isFinite(Number(schema[bound])))
      facts[bound] = Number(schema[bound]);
  }
  if (typeof schema.pattern === 'string' && isPortable(schema.pattern)) facts.pattern = schema.pattern;
  if (typeof schema.format === 'string') facts.format = schema.format;
  if (typeof schema.requires === 'string') facts.requires = schema.requires;
  if (schema.items && typeof schema.items === 'object') facts.items = valueFacts(schema.items);
  if (schema.properties) {
    facts.properties = Object.fromEntries(
      Object.entries(schema.properties).map(([name, property]) => [name, valueFacts(property)]),
    );
  }
  return facts;
}

/** Patterns are Perl's; those that JavaScript reads differently, or not at all, are left to the server. */
function isPortable(pattern) {
  if (/\(\?[\^imsx#]|\\[AzZ]|\[\[:/.test(pattern)) return false;
  try {
    new RegExp(`^(?:${pattern})$`);
    return true;
  } catch {
    return false;
  }
}

function permissionFacts(permissions) {
  if (permissions.check) return { check: permissions.check };
  return permissions.user ? { user: permissions.user } : undefined;
}
