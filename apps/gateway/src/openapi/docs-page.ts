import { createHash } from 'node:crypto';
import type { Json } from './document.ts';

/** The parts of the document that the page shows. */
interface Shown {
  info: { title: string; version: string; summary: string };
  paths: Readonly<Record<string, Json>>;
  components: { schemas: Json };
}

interface ParameterSchema {
  type?: string;
  minimum?: number;
  maximum?: number;
  pattern?: string;
  default?: number | string;
}

interface ShownOperation {
  operationId: string;
  summary: string;
  description?: string;
  parameters?: readonly {
    name: string;
    in: string;
    description?: string;
    schema: ParameterSchema;
  }[];
  requestBody?: { description: string; content: Readonly<Record<string, { schema: Json }>> };
  responses: Readonly<
    Record<string, { description: string; content?: Readonly<Record<string, { schema: Json }>> }>
  >;
}

const STYLE = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 60rem; margin: 0 auto; padding: 1rem 1rem 4rem; }
h2 { margin: 2.5rem 0 0; font-size: 1.1rem; }
h2 code, td code { font-size: 0.95em; }
table { display: block; overflow-x: auto; border-collapse: collapse; margin: 0.5rem 0; }
th, td { text-align: left; vertical-align: top; padding: 0.3rem 0.8rem 0.3rem 0; border-bottom: 1px solid #8884; overflow-wrap: break-word; }
th { font-weight: 600; }
pre { overflow: auto; padding: 0.8rem; background: #8881; border-radius: 0.4rem; }
.method { display: inline-block; min-width: 3.5rem; font-weight: 700; }
`;

/** The page loads nothing. */
export const DOCS_POLICY = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

/** An OpenAPI document as a page that needs no script and no other host. */
export function docsPage(document: Shown): string {
  const { info, paths, components } = document;
  const operations = Object.entries(paths).flatMap(([path, item]) =>
    METHODS.flatMap((method) => {
      const operation = item[method] as ShownOperation | undefined;
      return operation === undefined ? [] : [{ path, method, operation }];
    }),
  );
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escape(info.title)}: HTTP API</title>
<style>${STYLE}</style>
<h1>${escape(info.title)}: HTTP API</h1>
<p>${escape(info.summary)}, version ${escape(info.version)}. The same as <a href="openapi.json">OpenAPI 3.1</a>.</p>
<ul>
${operations.map(({ path, method, operation }) => `<li><a href="#${operation.operationId}"><code>${method.toUpperCase()} ${escape(path)}</code></a> ${text(operation.summary)}</li>`).join('\n')}
</ul>
<main>
${operations.map(operationSection).join('\n')}
<h2>Bodies</h2>
${Object.entries(components.schemas).map(schemaSection).join('\n')}
</main>
</html>
`;
}

const METHODS = ['get', 'post', 'delete'] as const;

function operationSection({
  path,
  method,
  operation,
}: {
  path: string;
  method: string;
  operation: ShownOperation;
}): string {
  const { operationId, summary, description, parameters = [], requestBody, responses } = operation;
  return `<section>
<h2 id="${operationId}"><span class="method">${method.toUpperCase()}</span> <code>${escape(path)}</code></h2>
<p>${text(summary)}</p>
${description === undefined ? '' : `<p>${text(description)}</p>`}
${table(
  ['parameter', 'in', 'values', ''],
  parameters.map((parameter) => [
    `<code>${escape(parameter.name)}</code>`,
    parameter.in,
    escape(valuesOf(parameter.schema)),
    text(parameter.description ?? ''),
  ]),
)}
${
  requestBody === undefined
    ? ''
    : table(
        ['body', ''],
        Object.entries(requestBody.content).map(([mediaType, { schema }]) => [
          escape(mediaType),
          schemaName(schema),
        ]),
      ) + `<p>${text(requestBody.description)}</p>`
}
${table(
  ['status', 'body', ''],
  Object.entries(responses).map(([status, { description, content = {} }]) => [
    status,
    Object.entries(content)
      .map(([mediaType, { schema }]) => `${escape(mediaType)} ${schemaName(schema)}`)
      .join('<br>'),
    text(description),
  ]),
)}
</section>`;
}

const schemaSection = ([id, schema]: [string, unknown]): string =>
  `<h3 id="${id}">${id}</h3>
<details><summary>JSON Schema</summary><pre>${escape(JSON.stringify(schema, null, 2))}</pre></details>`;

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  rows.length === 0
    ? ''
    : `<table><tr>${head.map((cell) => `<th>${cell}</th>`).join('')}</tr>
${rows.map((row) => `<tr>${row.map((cell) => `<td>${cell}</td>`).join('')}</tr>`).join('\n')}</table>`;

function schemaName({ $ref }: Json): string {
  if (typeof $ref !== 'string') return '';
  const id = $ref.split('/').at(-1) ?? '';
  return `<a href="#${id}">${id}</a>`;
}

function valuesOf(schema: ParameterSchema): string {
  const { type = 'string', minimum, maximum, pattern } = schema;
  const range = minimum === undefined ? '' : ` ${minimum} to ${maximum}`;
  const form = pattern === undefined ? '' : ` ${pattern}`;
  return `${type}${range}${form}${schema.default === undefined ? '' : `, default ${schema.default}`}`;
}

/** Text with `code` in backticks. */
const text = (source: string): string => escape(source).replaceAll(/`([^`]*)`/g, '<code>$1</code>');

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};
const escape = (source: string): string =>
  source.replaceAll(/[&<>"]/g, (one) => ENTITIES[one] ?? one);
