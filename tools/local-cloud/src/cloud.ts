import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';

import type { Logger } from '@labelfleet/runtime';

import { ApiError } from './api-error.ts';
import type { Config } from './config.ts';
import { ec2Actions, ec2Api } from './ec2/ec2-api.ts';
import { Instances } from './ec2/instances/instances.ts';
import { LaunchTemplates } from './ec2/launches/launch-templates.ts';
import { Launches } from './ec2/launches/launches.ts';
import { ProcessHost } from './ec2/processes/process-host.ts';
import { ProcessRecords } from './ec2/processes/process-records.ts';
import { Ec2Faults } from './faults/ec2-faults.ts';
import { Faults } from './faults/faults.ts';
import { instanceFaults } from './faults/instance-faults.ts';
import { Authorizer } from './iam/authorizer.ts';
import { ec2Guard, s3Guard, sqsGuard } from './iam/guards.ts';
import { readPolicies } from './iam/policies.ts';
import { refusalOf } from './local/guard.ts';
import { localApi } from './local/local-api.ts';
import { PeerUsers } from './peer-user.ts';
import { nameAnswer } from './request-id.ts';
import { likelyService, serviceOf } from './route-by-service.ts';
import { Buckets } from './s3/buckets.ts';
import { s3Actions, s3Api } from './s3/s3-api.ts';
import { closeServer, isGone, listen, portOf, type Handler } from './server.ts';
import { internalError, sendServiceError, unsigned } from './service-errors.ts';
import { Queues } from './sqs/queues.ts';
import { sqsActions, sqsApi } from './sqs/sqs-api.ts';
import { memoryStorage } from './storage/memory-storage.ts';
import { openSqliteStorage } from './storage/sqlite-storage.ts';

/** The longest grace time of instances when the server stops. */
const LONGEST_GRACE_AT_STOP_MS = 2_000;

export interface Cloud {
  /** `http://127.0.0.1:PORT` */
  readonly endpoint: string;
  /** Terminates all instances, serves them until they have ended, and then stops. */
  stop(): Promise<void>;
}

/**
 * Composes the services and serves them on one port. Processes that an earlier server of the same data folder left
 * running are reattached if they belong to a persisted instance, and ended otherwise.
 * @throws StartError if the port or the data folder is in use
 */
export async function startCloud(
  config: Config & { dataDir: string },
  logger: Logger,
): Promise<Cloud> {
  const { region, images, dataDir, policiesFile } = config;
  const policies = policiesFile === undefined ? undefined : readPolicies(policiesFile);
  const records = new ProcessRecords(dataDir);
  records.claim();
  const storage =
    config.storage === 'durable' ? openSqliteStorage(join(dataDir, 'state.db')) : memoryStorage;
  const faults = new Faults([...sqsActions, ...s3Actions, ...ec2Actions]);
  const queues = new Queues({ region, endpoint: () => endpoint }, storage);
  const buckets = await Buckets.open(dataDir);
  const environment = config.instanceEnvironment;
  const host = new ProcessHost({ region, dataDir, images, environment }, records, logger);
  const instances = new Instances(
    { region, graceMs: config.graceMs, storage },
    host,
    instanceFaults(faults, config.bootMs),
    logger,
  );
  await instances.restore();

  const local = localApi({ queues, buckets, instances, faults, logOf: (id) => host.logOf(id) });
  const templates = new LaunchTemplates(storage);
  const authorizer = policies && new Authorizer(policies, () => instances.all());
  const apis = {
    sqs: sqsApi(queues, storage, faults, authorizer && sqsGuard(authorizer, region, queues)),
    s3: s3Api(buckets, faults, authorizer && s3Guard(authorizer, buckets)),
    ec2: ec2Api(
      {
        region,
        defaultSubnets: config.defaultSubnets,
        images,
        instances,
        launches: new Launches(storage, (id) => instances.get(id)),
        templates,
      },
      new Ec2Faults(faults, instances),
      storage,
      authorizer && ec2Guard(authorizer, { region, instances, templates }),
    ),
  };
  const peers = new PeerUsers(process.getuid?.());
  const onFailure = (error: unknown, { method, url }: IncomingMessage) =>
    logger.error({ error, method, url, event: 'call.failed' }, 'call failed');
  const handle: Handler = async (request, response) => {
    const named = serviceOf(request.headers.authorization, request.url ?? '/');
    const service = named ?? likelyService(request);
    nameAnswer(response, service);
    const refuse = (error: ApiError) => sendServiceError(service, request, response, error);
    if (!(await peers.isOwn(request.socket))) {
      return refuse(new ApiError('AccessDenied', 'This server is for the user who runs it.', 403));
    }
    const refusal = refusalOf(request.headers);
    if (refusal !== null) return refuse(new ApiError('AccessDenied', refusal, 403));
    if (request.url?.startsWith('/_local') === true) return local(request, response);
    if (request.headers['sec-fetch-mode'] === 'navigate') confine(response);
    if (named === null) return refuse(unsigned(service));
    try {
      await apis[named](request, response);
    } catch (error) {
      if (response.headersSent || isGone(request, response)) throw error;
      onFailure(error, request);
      refuse(internalError(named));
    }
  };
  const server = await listen(config.port, handle, onFailure);
  const endpoint = `http://127.0.0.1:${portOf(server)}`;

  return {
    endpoint,
    stop: async () => {
      await instances.terminateAll(Math.min(config.graceMs, LONGEST_GRACE_AT_STOP_MS));
      queues.close();
      await closeServer(server);
      storage.close();
      records.release();
    },
  };
}

/** Keeps an object that a browser opens from acting on this server in the user's name. */
function confine(response: ServerResponse): void {
  response.setHeader('content-security-policy', 'sandbox');
}
