// The REST interface of Firestore as Google defines it: which address is which call, and what its JSON may contain.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fromProto3JSON, toProto3JSON } from 'proto3-json-serializer';
import protobuf from 'protobufjs';

const build = join(createRequire(import.meta.url).resolve('@google-cloud/firestore'), '../..');
const definitions = JSON.parse(readFileSync(join(build, 'protos/v1.json'), 'utf8'));
const service = protobuf.Root.fromJSON(definitions)
  .resolveAll()
  .lookupService('google.firestore.v1.Firestore');

/** The calls of the clients, custom verbs first, because the address of a custom verb also matches a document. */
const CALLED = ['BatchGetDocuments', 'RunQuery', 'Commit', 'ListDocuments', 'CreateDocument'];
const routes = CALLED.flatMap((name) => routesTo(service.methods[name]));

/** Thrown for a request that the interface does not accept. */
export class InvalidArgument extends Error {
  status = 'INVALID_ARGUMENT';
}

/** Returns the name of the call that a request makes, and its argument as JSON; `undefined` if no call has the address. */
export function readRequest(verb, { pathname, searchParams }, body) {
  for (const route of routes) {
    const found = route.verb === verb && route.pattern.exec(pathname);
    if (!found) continue;
    const type = route.method.resolvedRequestType;
    const message = { ...fromQuery(type, searchParams), ...(route.body === '*' && body) };
    if (route.body && route.body !== '*') message[route.body] = body;
    for (const [name, text] of Object.entries(found.groups)) {
      message[camelCase(name)] = decodeURIComponent(text);
    }
    checkNames(type, message);
    return { name: route.method.name, message };
  }
  return undefined;
}

/** Encodes the argument of a call for gRPC. */
export function encodeArgument(name, message) {
  const type = service.methods[name].resolvedRequestType;
  try {
    return type.encode(fromProto3JSON(type, message)).finish();
  } catch (error) {
    throw new InvalidArgument(error.message);
  }
}

export function decodeAnswer(name, bytes) {
  return toProto3JSON(service.methods[name].resolvedResponseType.decode(bytes));
}

export function isStream(name) {
  return service.methods[name].responseStream;
}

function routesTo(method) {
  const option = (name) => method.options[`(google.api.http).${name}`];
  const verb = option('get') ? 'get' : 'post';
  return [option(verb), option(`additional_bindings.${verb}`)].filter(Boolean).map((template) => ({
    method,
    verb: verb.toUpperCase(),
    pattern: toRegExp(template),
    body: option('body'),
  }));
}

/** Converts a template such as `/v1/{name=projects/*}/{collection_id}` to a regular expression. */
function toRegExp(template) {
  const pattern = template
    .replaceAll('/**', '(?:/.+?)?')
    .replaceAll('*', '[^/]+')
    .replaceAll(/\{(\w+)=([^}]+)\}/g, '(?<$1>$2)')
    .replaceAll(/\{(\w+)\}/g, '(?<$1>[^/]+)');
  return new RegExp(`^${pattern}$`);
}

/** Converts query parameters to nested fields: `mask.fieldPaths=archived` is `{ mask: { fieldPaths: ['archived'] } }`. */
function fromQuery(type, query) {
  const message = {};
  for (const path of new Set(query.keys())) {
    if (path === 'key') continue; // of the project, for any of Google's services
    const names = path.split('.');
    const last = names.pop();
    let [owner, ownerType] = [message, type];
    for (const name of names) {
      owner = owner[name] ??= {};
      ownerType = fieldOf(ownerType, name).resolvedType;
    }
    owner[last] = fieldOf(ownerType, last).repeated ? query.getAll(path) : query.get(path);
  }
  return message;
}

/** Rejects unknown names, as Google's service does; Google's serializer for Node.js ignores them. */
function checkNames(type, json) {
  if (typeof json !== 'object' || json === null) return;
  for (const [name, value] of Object.entries(json)) {
    const { resolvedType, map } = fieldOf(type, name);
    if (!resolvedType?.fields) continue;
    const members = map ? Object.values(value) : [value].flat();
    for (const member of members) checkNames(resolvedType, member);
  }
}

function fieldOf(type, name) {
  const field = type?.fields?.[name];
  if (field) return field;
  throw new InvalidArgument(`Invalid JSON payload received. Unknown name "${name}": Cannot find field.`);
}

function camelCase(name) {
  return name.replaceAll(/_(\w)/g, (_, letter) => letter.toUpperCase());
}
