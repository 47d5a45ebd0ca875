/** Says who may import what. The lint rules and their tests are made from this table. */
export interface Boundary {
  readonly root: string;
  /** The specifiers of other projects, as an import writes them. */
  readonly projects: readonly string[];
  /** Packages of other authors, with all their subpaths. */
  readonly packages: readonly string[];
  /** True if the project may import Node's modules. A project that may not would run in a browser. */
  readonly node: boolean;
}

export const PROJECT_SPECIFIERS = [
  '@labelfleet/contracts',
  '@labelfleet/contracts/image-file',
  '@labelfleet/aws/errors',
  '@labelfleet/aws/fleet',
  '@labelfleet/aws/metadata',
  '@labelfleet/aws/provision',
  '@labelfleet/aws/queue',
  '@labelfleet/aws/store',
  '@labelfleet/aws/testing',
  '@labelfleet/client',
  '@labelfleet/client/jobs',
  '@labelfleet/client/testing',
  '@labelfleet/inference',
  '@labelfleet/inference/testing',
  '@labelfleet/jobs',
  '@labelfleet/runtime',
  '@labelfleet/runtime/system-error',
  '@labelfleet/scaling',
  '@labelfleet/scaling/cost',
  '@labelfleet/scaling/finish-work',
  '@labelfleet/scaling/jobs',
  '@labelfleet/telemetry',
  '@labelfleet/telemetry/testing',
] as const;

/**
 * Pure functions of apps. A tool may call them to compare them with a model, to simulate them, or to check an app's
 * variables and files before it starts the app.
 */
export const PURE_PARTS_OF_APPS = [
  '@labelfleet/gateway/config',
  '@labelfleet/gateway/receivers',
  '@labelfleet/scaler/config',
  '@labelfleet/worker/config',
  '@labelfleet/scaler/protocol',
  '@labelfleet/worker/protocol',
] as const;

/** What tests share. Only specs, files in `testing/` folders and tools/verification may import it. */
export const TESTKIT_SPECIFIERS = [
  '@labelfleet/testkit/app-process',
  '@labelfleet/testkit/aws-clients',
  '@labelfleet/testkit/cpu-time',
  '@labelfleet/testkit/expect-error',
  '@labelfleet/testkit/faults-client',
  '@labelfleet/testkit/free-port',
  '@labelfleet/testkit/http-server',
  '@labelfleet/testkit/images',
  '@labelfleet/testkit/json',
  '@labelfleet/testkit/local-cloud',
  '@labelfleet/testkit/random',
  '@labelfleet/testkit/restartable-cloud',
  '@labelfleet/testkit/send-signal',
  '@labelfleet/testkit/test-bucket',
  '@labelfleet/testkit/test-instances',
  '@labelfleet/testkit/test-queue',
  '@labelfleet/testkit/until',
  '@labelfleet/testkit/use-local-cloud',
  '@labelfleet/testkit/worker-processes',
] as const;

/** The projects of tools/verification, which import each other but which nothing else imports. */
export const VERIFICATION_PROJECTS = [
  '@labelfleet/bench',
  '@labelfleet/chaos',
  '@labelfleet/classic',
  '@labelfleet/deployment',
  '@labelfleet/end-to-end',
  '@labelfleet/fleet-sim',
  '@labelfleet/local-cloud-conformance',
  '@labelfleet/mutants',
  '@labelfleet/page',
  '@labelfleet/protocol-model',
] as const;

export const BOUNDARIES: Readonly<Record<string, Boundary>> = {
  contracts: { root: 'libs/contracts', projects: [], packages: ['zod'], node: false },
  // It runs in browsers, so it imports types only: its own test checks its bundle.
  client: { root: 'libs/client', projects: ['@labelfleet/contracts'], packages: [], node: false },
  aws: { root: 'libs/aws', projects: [], packages: ['@aws-sdk', '@smithy'], node: true },
  inference: {
    root: 'libs/inference',
    projects: [
      '@labelfleet/contracts',
      '@labelfleet/contracts/image-file',
      '@labelfleet/runtime/system-error',
    ],
    packages: ['onnxruntime-node', 'sharp', 'zod'],
    node: true,
  },
  scaling: {
    root: 'libs/scaling',
    projects: ['@labelfleet/contracts'],
    // A recorded tick is read from a file, so zod parses it.
    packages: ['zod'],
    node: false,
  },
  runtime: {
    root: 'libs/runtime',
    projects: [],
    packages: ['pino', 'pino-pretty', 'zod'],
    node: true,
  },
  telemetry: {
    root: 'libs/telemetry',
    projects: [
      '@labelfleet/aws/queue',
      '@labelfleet/aws/store',
      '@labelfleet/runtime',
      '@labelfleet/scaling/cost',
    ],
    packages: ['@opentelemetry', 'prom-client'],
    node: true,
  },
  jobs: {
    root: 'libs/jobs',
    projects: ['@labelfleet/aws/store', '@labelfleet/contracts'],
    packages: [],
    node: false,
  },
  gateway: {
    root: 'apps/gateway',
    projects: [
      '@labelfleet/client',
      '@labelfleet/client/jobs',
      '@labelfleet/contracts',
      '@labelfleet/contracts/image-file',
      '@labelfleet/aws/errors',
      '@labelfleet/aws/queue',
      '@labelfleet/aws/store',
      '@labelfleet/jobs',
      '@labelfleet/runtime',
      '@labelfleet/scaling/cost',
      '@labelfleet/scaling/finish-work',
      '@labelfleet/scaling/jobs',
      '@labelfleet/telemetry',
    ],
    // esbuild builds the page of a gateway that runs from source, and is in no bundle.
    packages: ['@fastify/busboy', '@hono', 'esbuild', 'hono', 'zod'],
    node: true,
  },
  worker: {
    root: 'apps/worker',
    projects: [
      '@labelfleet/contracts',
      '@labelfleet/aws/errors',
      '@labelfleet/aws/metadata',
      '@labelfleet/aws/queue',
      '@labelfleet/aws/store',
      '@labelfleet/inference',
      '@labelfleet/jobs',
      '@labelfleet/runtime',
      '@labelfleet/scaling/cost',
      '@labelfleet/telemetry',
    ],
    packages: ['zod'],
    node: true,
  },
  scaler: {
    root: 'apps/scaler',
    projects: [
      '@labelfleet/contracts',
      '@labelfleet/aws/errors',
      '@labelfleet/aws/fleet',
      '@labelfleet/aws/queue',
      '@labelfleet/aws/store',
      '@labelfleet/jobs',
      '@labelfleet/runtime',
      '@labelfleet/scaling',
      '@labelfleet/telemetry',
    ],
    packages: ['@hono', 'hono', 'zod'],
    node: true,
  },
};

/** What the tests of apps and libs may import besides: test packages, and what other projects export for tests. */
export const FOR_TESTS = {
  projects: [
    '@labelfleet/aws/provision',
    '@labelfleet/aws/testing',
    '@labelfleet/inference/testing',
    '@labelfleet/telemetry/testing',
    ...TESTKIT_SPECIFIERS,
  ],
  packages: [
    '@aws-sdk',
    '@seriousme/openapi-schema-validator',
    'ajv',
    'ajv-formats',
    'esbuild',
    'eventsource-parser',
    'fast-check',
    'sharp',
    'standardwebhooks',
    'vitest',
  ],
};
