import { PROBLEMS, type ProblemCode } from '@labelfleet/contracts';
import * as z from 'zod';
import { needsKey } from '../auth/needs-key.ts';
import { COMPONENTS } from './bodies.ts';
import {
  RESPONSE_HEADERS,
  type Content,
  type Operation,
  type OperationResponse,
} from './operation.ts';

/** The operations of the gateway: address (with `{id}`), then method in lower case. */
export type Operations = Readonly<Record<string, Readonly<Record<string, Operation>>>>;

/** A part of an OpenAPI document. */
export type Json = Readonly<Record<string, unknown>>;

/** Every call can answer with these. */
const ALWAYS: readonly ProblemCode[] = ['forbidden', 'internal-error'];

/**
 * Makes the OpenAPI 3.1 document (https://spec.openapis.org/oas/v3.1.1).
 * @param closed true: no object may have a field that the document does not name; for tests
 */
export function openApiDocument(
  operations: Operations,
  { version, closed = false }: { version: string; closed?: boolean },
) {
  return {
    openapi: '3.1.1',
    info: {
      title: 'labelfleet',
      version,
      summary: 'Image classification over HTTP',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '.' }],
    security: [{}, { apiKey: [] }],
    paths: Object.fromEntries(
      Object.entries(operations).map(([path, methods]) => [path, pathItem(path, methods)]),
    ),
    components: {
      schemas: componentSchemas(closed),
      securitySchemes: {
        apiKey: {
          type: 'http',
          scheme: 'bearer',
          description: 'An API key, `lf_<id>_<secret>`, where the operator has configured keys.',
        },
      },
    },
  };
}

function pathItem(path: string, methods: Readonly<Record<string, Operation>>): Json {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
  return {
    ...(names.length > 0 && {
      parameters: names.map((name) => ({
        name,
        in: 'path',
        required: true,
        schema: { type: 'string', format: 'uuid' },
      })),
    }),
    ...Object.fromEntries(
      Object.entries(methods).map(([method, operation]) => [
        method,
        operationObject(operation, operationId(method, path), needsKey(method.toUpperCase(), path)),
      ]),
    ),
  };
}

const operationId = (method: string, path: string): string =>
  [method, ...path.split(/[^A-Za-z0-9]+/).filter((word) => word !== '')].join('-');

function operationObject(operation: Operation, id: string, isGuarded: boolean): Json {
  const { summary, description, query, headers, body, responses, problems = [] } = operation;
  const parameters = [...parametersOf(query, 'query'), ...parametersOf(headers, 'header')];
  return {
    operationId: id,
    summary,
    ...(!isGuarded && { security: [] }),
    ...(description !== undefined && { description }),
    ...(parameters.length > 0 && { parameters }),
    ...(body && {
      requestBody: {
        required: true,
        description: body.description,
        content: contentObject(body.content),
      },
    }),
    responses: {
      ...Object.fromEntries(
        Object.entries(responses).map(([status, response]) => [status, responseObject(response)]),
      ),
      ...problemResponses([
        ...problems,
        ...ALWAYS,
        ...(isGuarded ? (['unauthorized'] as const) : []),
      ]),
    },
  };
}

/** The parameters of a schema whose fields are named like them. */
function parametersOf(schema: z.ZodObject | undefined, place: 'query' | 'header'): Json[] {
  if (schema === undefined) return [];
  const { properties = {}, required = [] } = z.toJSONSchema(schema, CONVERSION);
  return Object.entries(properties).map(([name, property]) => {
    const { description, ...rest } = property as Json;
    return {
      name,
      in: place,
      ...(required.includes(name) && rest.default === undefined && { required: true }),
      ...(description !== undefined && { description }),
      schema: rest,
    };
  });
}

const responseObject = ({ description, content, headers = [] }: OperationResponse): Json => ({
  description,
  ...(headers.length > 0 && {
    headers: Object.fromEntries(
      headers.map((name) => [
        name,
        { description: RESPONSE_HEADERS[name], schema: { type: 'string' } },
      ]),
    ),
  }),
  ...(content && { content: contentObject(content) }),
});

const contentObject = (content: Content): Json =>
  Object.fromEntries(
    Object.entries(content).map(([mediaType, schema]) => [
      mediaType,
      { schema: typeof schema === 'string' ? reference(schema) : schema },
    ]),
  );

const reference = (id: string): Json => ({ $ref: `#/components/schemas/${id}` });

function problemResponses(codes: readonly ProblemCode[]): Json {
  const byStatus = Map.groupBy(new Set(codes), (code) => PROBLEMS[code].status);
  return Object.fromEntries(
    [...byStatus].map(([status, alike]) => [
      status,
      {
        description: alike.map((code) => `\`${code}\`: ${PROBLEMS[code].title}`).join('. ') + '.',
        content: { 'application/problem+json': { schema: reference('Problem') } },
      },
    ]),
  );
}

/** A format says the same as its pattern, shorter. */
const CONVERSION = {
  unrepresentable: 'any',
  override: ({ jsonSchema }) => {
    if (jsonSchema.format !== undefined) delete jsonSchema.pattern;
    delete jsonSchema.$schema;
  },
} satisfies Parameters<typeof z.toJSONSchema>[1];

function componentSchemas(closed: boolean): Json {
  const { schemas } = z.toJSONSchema(COMPONENTS, {
    ...CONVERSION,
    uri: (id) => `#/components/schemas/${id}`,
    override: (context) => {
      CONVERSION.override(context);
      if (!closed && context.jsonSchema.additionalProperties === false)
        delete context.jsonSchema.additionalProperties;
    },
  });
  return Object.fromEntries(
    Object.entries(schemas).map(([id, schema]) => [
      id,
      // JSON omits undefined: in an OpenAPI document the place of a component is its address.
      { ...schema, $id: undefined, $schema: undefined },
    ]),
  );
}
