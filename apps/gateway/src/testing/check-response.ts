import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { openApiDocument } from '../openapi/document.ts';
import { OPERATIONS } from '../openapi/operations.ts';

const document = openApiDocument(OPERATIONS, { version: '0', closed: true });
const ajv = new Ajv2020({ strict: false, allErrors: true });
addFormats.default(ajv);
ajv.addSchema(document, 'openapi');
const validators = new Map<string, ValidateFunction>();

interface DocumentedResponse {
  content?: Readonly<Record<string, { schema: { $ref?: string } }>>;
}
type DocumentedPath = Readonly<
  Record<string, { responses: Readonly<Record<string, DocumentedResponse>> }>
>;

/**
 * Compares a response of the gateway with its OpenAPI document: its status, its media type, and its JSON.
 * @throws an error that says what the document does not have
 */
export async function checkResponse(request: Request, response: Response): Promise<void> {
  const { pathname } = new URL(request.url);
  const operation = find(pathname)?.[request.method.toLowerCase()];
  const { status } = response;
  // No such address, or no such method.
  if (operation === undefined) return;
  const name = `${request.method} ${pathname} ${status}`;
  const documented = operation.responses[status];
  if (documented === undefined) throw new Error(`The OpenAPI document has no ${name}`);
  const mediaType = response.headers.get('content-type')?.split(';')[0];
  // A client that has the body already gets its headers only.
  if (mediaType === undefined || status === 304) return;
  const content = documented.content?.[mediaType];
  if (content === undefined)
    throw new Error(`The OpenAPI document has no ${mediaType} for ${name}`);
  const { $ref } = content.schema;
  if ($ref === undefined) return;
  const body: unknown = await response.json();
  const validate = validators.get($ref) ?? ajv.compile({ $ref: `openapi${$ref}` });
  validators.set($ref, validate);
  if (!validate(body))
    throw new Error(
      `The body of ${name} is not as documented: ${ajv.errorsText(validate.errors)}: ${JSON.stringify(body)}`,
    );
}

/** The documented address of a path: the one without parameters first. */
function find(pathname: string): DocumentedPath | undefined {
  const path = Object.keys(OPERATIONS).find((template) =>
    new RegExp(`^${template.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(pathname),
  );
  return path === undefined ? undefined : (document.paths[path] as DocumentedPath);
}
