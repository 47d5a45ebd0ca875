import { DescribeInstancesCommand, type Instance } from '@aws-sdk/client-ec2';
import { ListQueuesCommand } from '@aws-sdk/client-sqs';
import { startProcess, type AppProcess } from '@labelfleet/testkit/app-process';
import { RestartableCloud } from '@labelfleet/testkit/restartable-cloud';
import { until } from '@labelfleet/testkit/until';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { asMachine, WORKSPACE } from '../namespace.ts';
import type { App } from '../packs.ts';
import type { Assembly } from './assembly.ts';
import type { Changes } from './changes.ts';
import { deployLocally, IMAGE, type Deployed } from './deploy-locally.ts';

const MACHINE = join(import.meta.dirname, '../machine/machine.ts');

const logLine = z.looseObject({ event: z.string() });
type LogLine = z.output<typeof logLine>;

/** A deployment in a local cloud of its own, in which instances run their user data and policies hold. */
export class Deployment implements AsyncDisposable {
  readonly cloud: RestartableCloud;
  readonly deployed: Deployed;

  private constructor(cloud: RestartableCloud, deployed: Deployed) {
    this.cloud = cloud;
    this.deployed = deployed;
  }

  static async start(assembly: Assembly, changes: Changes = {}): Promise<Deployment> {
    const { template = (data) => data, policies = (_, policy) => policy } = changes;
    await using starting = new AsyncDisposableStack();
    const cloud = starting.use(
      await RestartableCloud.create({ env: { LOCAL_CLOUD_DEFAULT_SUBNETS: 'false' } }),
    );
    await cloud.start();
    const deployed = await deployLocally(assembly, cloud.clients, template);
    await cloud.stop();

    const policyOf = (app: App) => policies(app, deployed.policies[app]);
    const { profile, role } = deployed.workers;
    const everything = { Statement: { Effect: 'Allow', Action: '*', Resource: '*' } };
    const file = join(cloud.dataDir, 'policies.json');
    const accessKeys = {
      gateway: policyOf('gateway'),
      scaler: policyOf('scaler'),
      // Of the test itself.
      local: everything,
    };
    const profiles = { [profile]: { role, policy: policyOf('worker') } };
    await writeFile(file, JSON.stringify({ accessKeys, profiles }));
    const command = asMachine(MACHINE, WORKSPACE, cloud.endpoint);
    await cloud.start({
      images: { [IMAGE]: { command } },
      env: { LOCAL_CLOUD_DEFAULT_SUBNETS: 'false', LOCAL_CLOUD_POLICIES: file },
    });
    starting.move();
    return new Deployment(cloud, deployed);
  }

  /** Starts a gateway or a scaler of the bundle, with the variables of its instances' user data. */
  startApp(app: Exclude<App, 'worker'>, more: Record<string, string> = {}) {
    const log: LogLine[] = [];
    const main = join(WORKSPACE, 'dist/apps', app, 'main.js');
    const child = startProcess(
      [process.execPath, main],
      {
        ...this.deployed.environment[app],
        AWS_ENDPOINT_URL: this.cloud.endpoint,
        AWS_ACCESS_KEY_ID: app,
        AWS_SECRET_ACCESS_KEY: 'local',
        AWS_EC2_METADATA_DISABLED: 'true',
        PORT: '0',
        METRICS_PORT: '0',
        ...more,
      },
      (line) => {
        const parsed = logLine.safeParse(JSON.parse(line));
        if (parsed.success) log.push(parsed.data);
      },
    );
    return {
      ...child,
      log,
      [Symbol.asyncDispose]: child[Symbol.asyncDispose],
    } satisfies AppProcess & {
      log: LogLine[];
    };
  }

  /** Starts a gateway. @returns its URL when it is ready */
  async startGateway(more: Record<string, string> = {}) {
    const gateway = this.startApp('gateway', more);
    const url = await gateway.url;
    const ready = async () => (await fetch(new URL('/readyz', url))).ok;
    await until('the gateway is ready', ready, { timeoutMs: 20_000 });
    return { ...gateway, url, [Symbol.asyncDispose]: gateway[Symbol.asyncDispose] };
  }

  /** Starts a scaler that decides often and lets idle workers go soon. */
  startScaler(more: Record<string, string> = {}) {
    const soon = { TICK_SECONDS: '0.5', LEASE_SECONDS: '2', IDLE_BEFORE_RELEASE_SECONDS: '1' };
    return this.startApp('scaler', { ...soon, MAX_WORKERS: '1', ...more });
  }

  /** All instances, in the order of launch. */
  async instances(): Promise<Instance[]> {
    const { Reservations = [] } = await this.cloud.clients.ec2.send(
      new DescribeInstancesCommand({}),
    );
    return Reservations.flatMap(({ Instances = [] }) => Instances);
  }

  /** Resolves with all instances when there is one and none that has not ended. */
  async untilEnded(): Promise<Instance[]> {
    let instances: Instance[] = [];
    const ended = async () => {
      instances = await this.instances();
      return instances.length > 0 && instances.every(({ State }) => State?.Name === 'terminated');
    };
    await until('every instance has ended', ended, { timeoutMs: 60_000 });
    return instances;
  }

  /** What an instance wrote on its console. */
  consoleOf({ InstanceId = '' }: Instance): Promise<string> {
    return readFile(join(this.cloud.dataDir, 'logs', `${InstanceId}.log`), 'utf8');
  }

  async replyQueues(): Promise<string[]> {
    const list = new ListQueuesCommand({ QueueNamePrefix: 'labelfleet-replies-' });
    return (await this.cloud.clients.sqs.send(list)).QueueUrls ?? [];
  }

  /** The command lines of all processes that know the request queue of this deployment. */
  async processes(): Promise<string[]> {
    const variable = `REQUEST_QUEUE_URL=${this.deployed.environment.worker['REQUEST_QUEUE_URL']}`;
    const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
    const read = (id: string, file: string) =>
      readFile(`/proc/${id}/${file}`, 'utf8').catch(() => '');
    const found = await Promise.all(
      ids.map(async (id) =>
        (await read(id, 'environ')).split('\0').includes(variable)
          ? [(await read(id, 'cmdline')).replaceAll('\0', ' ')]
          : [],
      ),
    );
    return found.flat();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.cloud[Symbol.asyncDispose]();
  }
}
