import { jobHeaders, jobLinesQuery, jobListQuery } from '../routes/job-parameters.ts';
import type { Operations } from './document.ts';
import type { Content, Operation } from './operation.ts';
import {
  classifyHeaders,
  classifyQuery,
  eventHeaders,
  eventQuery,
  readHeaders,
} from '../routes/parameters.ts';

const json = (component: string): Content => ({ 'application/json': component });
const text: Content = { 'text/plain': { type: 'string' } };

const image: Operation['body'] = {
  description:
    'The image as the body, or as a file in a multipart form under any field name. Its bytes decide the format: JPEG, PNG, WebP, GIF, AVIF or TIFF.',
  content: {
    'multipart/form-data': 'ImageForm',
    'image/*': { type: 'string', format: 'binary' },
    'application/octet-stream': { type: 'string', format: 'binary' },
    'application/json': 'ImageReference',
  },
};

const images: Operation['body'] = {
  description:
    'A multipart form with up to 100 images under any field names, or a list: of references to images, or of classifications to gather.',
  content: { 'multipart/form-data': 'BatchForm', 'application/json': 'BatchList' },
};

const events = (of: string): Operation => ({
  summary: `Server-sent events of ${of}`,
  description:
    '`progress` has counts and estimate, `completed` one item, `done` the end. The id of an event is the base64url bitset of the indexes completed so far.',
  query: eventQuery,
  headers: eventHeaders,
  responses: {
    200: { description: 'The events', content: { 'text/event-stream': { type: 'string' } } },
    204: { description: 'Everything has been delivered' },
  },
  problems: ['not-found', 'invalid-parameter'],
});

const jobLines = (summary: string): Operation => ({
  summary,
  description:
    'While the job is not completed, these are the lines so far. If lines are missing that were stored, the connection breaks.',
  query: jobLinesQuery,
  responses: {
    200: {
      description: 'The lines',
      content: { 'application/jsonl': { type: 'string' }, 'text/csv': { type: 'string' } },
      headers: ['ETag', 'Content-Disposition', 'X-Job-Status'],
    },
    304: { description: 'The version of If-None-Match is current' },
  },
  problems: ['not-found', 'invalid-parameter', 'overloaded'],
});

const UPLOAD_PROBLEMS = [
  'forbidden',
  'not-found',
  'missing-image',
  'invalid-parameter',
  'not-acceptable',
  'request-timeout',
  'payload-too-large',
  'unsupported-media-type',
  'expectation-failed',
  'invalid-image',
  'idempotency-key-reused',
  'rate-limited',
  'budget-exceeded',
  'attempts-exhausted',
  'image-missing',
  'not-implemented',
  'overloaded',
  'deadline-exceeded',
] as const;

const RATE_LIMIT = ['RateLimit', 'RateLimit-Policy'] as const;

const queued = {
  description: 'The wait is over before the result: look at `Location` later.',
  content: json('Classification'),
  headers: ['Location', 'Retry-After', 'Preference-Applied', 'Idempotency-Replayed', ...RATE_LIMIT],
} as const;

const readBatch = {
  headers: readHeaders,
  responses: {
    200: {
      description: 'The batch',
      content: json('Batch'),
      headers: ['ETag', 'Retry-After', 'Preference-Applied'],
    },
    304: { description: 'The version of If-None-Match is current' },
  },
  problems: ['not-found', 'overloaded'],
} as const;

const page: Operation = {
  summary: 'The web page',
  responses: { 200: { description: 'HTML', content: { 'text/html': { type: 'string' } } } },
};

/** Every address that a caller may use. The files of the web page are not listed. */
export const OPERATIONS: Operations = {
  '/': {
    get: page,
    post: {
      summary: 'Classify one image and get its label as text',
      query: classifyQuery,
      headers: classifyHeaders,
      body: image,
      responses: {
        200: {
          description:
            'The label and nothing else, or the classification to `Accept: application/json`.',
          content: { ...text, ...json('Classification') },
          headers: ['Preference-Applied', 'Idempotency-Replayed', ...RATE_LIMIT],
        },
        202: queued,
      },
      problems: [...UPLOAD_PROBLEMS, 'canceled'],
    },
  },
  '/v1/classifications': {
    post: {
      summary: 'Classify one image',
      query: classifyQuery,
      headers: classifyHeaders,
      body: image,
      responses: {
        200: {
          description: 'The result',
          content: json('Classification'),
          headers: ['Preference-Applied', 'Idempotency-Replayed', ...RATE_LIMIT],
        },
        202: queued,
      },
      problems: UPLOAD_PROBLEMS,
    },
  },
  '/v1/classifications/{id}': {
    get: {
      summary: 'State and result of a request',
      headers: readHeaders,
      responses: {
        200: {
          description: 'The request',
          content: json('Classification'),
          headers: ['ETag', 'Retry-After', 'Preference-Applied'],
        },
        304: { description: 'The version of If-None-Match is current' },
      },
      problems: ['not-found'],
    },
  },
  '/v1/classifications/{id}/cancel': {
    post: {
      summary: 'Cancel a request',
      description: 'A result that was stored first stays, and is the answer.',
      responses: { 200: { description: 'The request', content: json('Classification') } },
      problems: ['not-found', 'overloaded'],
    },
  },
  '/v1/classifications/{id}/events': { get: events('one classification, as of a batch of one') },
  '/v1/batches': {
    post: {
      summary: 'Classify several images',
      query: classifyQuery,
      headers: classifyHeaders,
      body: images,
      responses: {
        200: {
          description: 'All images are completed',
          content: json('Batch'),
          headers: ['Preference-Applied', 'Idempotency-Replayed'],
        },
        202: { ...queued, content: json('Batch') },
      },
      problems: [...UPLOAD_PROBLEMS, 'too-many-images'],
    },
  },
  '/v1/batches/{id}': {
    get: { ...readBatch, summary: 'State and results of a batch' },
  },
  '/v1/batches/{id}/results': {
    get: {
      ...readBatch,
      summary: 'The completed images of a batch, a line of JSON each',
      responses: {
        ...readBatch.responses,
        200: {
          ...readBatch.responses[200],
          content: { 'application/jsonl': { type: 'string' } },
        },
      },
    },
  },
  '/v1/batches/{id}/events': { get: events('a batch') },
  '/v1/jobs': {
    post: {
      summary: 'Classify all images below an address, or in a list',
      description:
        'A dry run only counts the images, for 45 s at most. So does a job with `maxCostUsd`, and one of a key with limits.',
      headers: jobHeaders,
      body: { description: 'What to classify, and how', content: json('JobRequest') },
      responses: {
        200: { description: 'The estimate of a dry run', content: json('JobEstimate') },
        202: {
          description: 'The job',
          content: json('Job'),
          headers: ['Location', 'Retry-After', 'Idempotency-Replayed', ...RATE_LIMIT],
        },
      },
      problems: [
        'not-found',
        'missing-image',
        'invalid-parameter',
        'request-timeout',
        'payload-too-large',
        'unsupported-media-type',
        'expectation-failed',
        'job-over-limit',
        'idempotency-key-reused',
        'rate-limited',
        'budget-exceeded',
        'not-implemented',
        'overloaded',
      ],
    },
    get: {
      summary: 'The jobs of the caller, the newest first',
      query: jobListQuery,
      responses: { 200: { description: 'The jobs', content: json('Jobs') } },
      problems: ['not-found', 'invalid-parameter', 'overloaded'],
    },
  },
  '/v1/jobs/{id}': {
    get: {
      summary: 'State of a job',
      responses: {
        200: { description: 'The job', content: json('Job'), headers: ['ETag'] },
        304: { description: 'The version of If-None-Match is current' },
      },
      problems: ['not-found', 'overloaded'],
    },
  },
  '/v1/jobs/{id}/cancel': {
    post: {
      summary: 'Stop a job',
      description: 'Images that are being classified are completed; the others are skipped.',
      responses: { 200: { description: 'The job', content: json('Job') } },
      problems: ['not-found', 'overloaded'],
    },
  },
  '/v1/jobs/{id}/events': {
    get: {
      ...events('a job'),
      description:
        '`progress` has the whole job, whenever it has changed; `done` has it at the end. After `done` there is nothing to resume.',
    },
  },
  '/v1/jobs/{id}/results': {
    get: jobLines('The lines of all images of a job, in the order of its source'),
  },
  '/v1/jobs/{id}/errors': { get: jobLines('The lines of the images that failed') },
  '/v1/models': {
    get: {
      summary: 'What the models of the fleet know',
      responses: {
        200: { description: 'The models', content: json('Models'), headers: ['ETag'] },
        304: { description: 'The version of If-None-Match is current' },
      },
      problems: ['overloaded'],
    },
  },
  '/v1/fleet': {
    get: {
      summary: 'What the scaler last published',
      responses: {
        200: { description: 'The fleet', content: json('Fleet'), headers: ['ETag'] },
        304: { description: 'The version of If-None-Match is current' },
      },
      problems: ['not-found'],
    },
  },
  '/healthz': {
    get: {
      summary: 'Is the process alive?',
      responses: { 200: { description: 'It is', content: json('Health') } },
    },
  },
  '/readyz': {
    get: {
      summary: 'Would a POST be taken?',
      responses: { 200: { description: 'It would', content: json('Readiness') } },
      problems: ['overloaded'],
    },
  },
  '/openapi.json': {
    get: {
      summary: 'This document',
      responses: {
        200: { description: 'OpenAPI 3.1', content: { 'application/json': { type: 'object' } } },
      },
    },
  },
  '/docs': {
    get: { ...page, summary: 'This document as a page' },
  },
};
