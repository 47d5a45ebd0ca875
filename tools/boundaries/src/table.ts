/** Who may import what. The lint rules are made from this table, and so are the tests of them. */
export interface Boundary {
  readonly root: string;
  /** Specifiers of other projects, as they are written in an import. */
  readonly projects: readonly string[];
  /** Packages from outside, with all their subpaths. */
  readonly packages: readonly string[];
  /** Whether it may use Node's own modules. What may not is pure: it would run in a browser. */
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
  '@labelfleet/inference',
  '@labelfleet/inference/testing',
  '@labelfleet/testkit/local-cloud',
  '@labelfleet/runtime',
  '@labelfleet/runtime/system-error',
  '@labelfleet/scaling',
  '@labelfleet/scaling/cost',
] as const;

/**
 * Pure functions of apps, which a tool may call to hold them against a model, to simulate them, or to check an app's
 * variables before it is started.
 */
export const PURE_PARTS_OF_APPS = [
  '@labelfleet/gateway/config',
  '@labelfleet/scaler/config',
  '@labelfleet/worker/config',
  '@labelfleet/scaler/protocol',
  '@labelfleet/worker/protocol',
] as const;

export const BOUNDARIES: Readonly<Record<string, Boundary>> = {
  contracts: { root: 'libs/contracts', projects: [], packages: ['zod'], node: false },
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
    // A recorded tick comes from outside: it is parsed at the door.
    packages: ['zod'],
    node: false,
  },
  runtime: {
    root: 'libs/runtime',
    projects: [],
    packages: ['pino', 'pino-pretty', 'zod'],
    node: true,
  },
  gateway: {
    root: 'apps/gateway',
    projects: [
      '@labelfleet/contracts',
      '@labelfleet/contracts/image-file',
      '@labelfleet/aws/errors',
      '@labelfleet/aws/queue',
      '@labelfleet/aws/store',
      '@labelfleet/runtime',
    ],
    packages: ['@fastify/busboy', '@hono', 'hono', 'prom-client', 'zod'],
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
      '@labelfleet/runtime',
      '@labelfleet/scaling/cost',
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
      '@labelfleet/runtime',
      '@labelfleet/scaling',
    ],
    packages: ['@hono', 'hono', 'prom-client', 'zod'],
    node: true,
  },
};

/** What tests may use on top: test tools, and the parts of other projects that exist for tests. */
export const FOR_TESTS = {
  projects: [
    '@labelfleet/aws/provision',
    '@labelfleet/aws/testing',
    '@labelfleet/inference/testing',
    '@labelfleet/testkit/local-cloud',
  ],
  packages: ['@aws-sdk', 'esbuild', 'fast-check', 'sharp', 'vitest'],
};
