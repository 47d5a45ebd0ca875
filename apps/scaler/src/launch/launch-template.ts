import { AwsCallError, isDenied, isTransient } from '@labelfleet/aws/errors';
import type { Fleet } from '@labelfleet/aws/fleet';
import { EXIT, StartError, type Clock, type Logger } from '@labelfleet/runtime';
import type { TemplateVersion } from '@labelfleet/scaling';
import { templateOf } from './track-boots.ts';
import type { WorkerPlaces } from './launch-places.ts';
import { templateFaults } from './template-faults.ts';
import { tryCall } from '../act/call-failure.ts';

export interface LaunchTemplateDeps {
  fleet: Pick<Fleet, 'resolveLaunchTemplate' | 'describeLaunchTemplate'>;
  nameOrId: string;
  places: WorkerPlaces;
  log: Pick<Logger, 'error'>;
}

/** IAM needs seconds to propagate a permission, and up to minutes for a new role. */
const DENIED_FOR_MS = 120_000;
const TRY_EVERY_MS = 5000;
const CURRENT_FOR_MS = 10_000;

/** The launch template. Launches use its newest version, unless that has faults. */
export class LaunchTemplate {
  readonly #deps: LaunchTemplateDeps;
  #good: TemplateVersion | undefined;
  #instanceType: string | undefined;
  /** The newest version with faults; its faults are already logged. */
  #faulty: TemplateVersion | undefined;
  #current: TemplateVersion | undefined;
  #readAtMs: number | undefined;

  constructor(deps: LaunchTemplateDeps) {
    this.#deps = deps;
  }

  /**
   * Inspects the newest version before anything is launched. A missing permission may not have propagated yet, so
   * the check is retried for two minutes.
   * @throws StartError that names every fault of the template, or why it cannot be read
   */
  async check(clock: Pick<Clock, 'sleep'>): Promise<void> {
    const { nameOrId } = this.#deps;
    for (let waitedMs = 0; ; waitedMs += TRY_EVERY_MS) {
      try {
        await this.#checkOnce();
        return;
      } catch (error) {
        if (!(error instanceof AwsCallError)) throw error;
        if (!isDenied(error) || waitedMs >= DENIED_FOR_MS) throw cannotRead(nameOrId, error);
        await clock.sleep(TRY_EVERY_MS);
      }
    }
  }

  /**
   * The version to launch from: the newest, or the last one without faults.
   * @throws AwsCallError if the template cannot be found
   */
  async resolve(): Promise<TemplateVersion> {
    const { fleet, nameOrId, log } = this.#deps;
    const newest = await fleet.resolveLaunchTemplate(nameOrId);
    if (this.#good === undefined || same(newest, this.#good)) return newest;
    if (this.#faulty !== undefined && same(newest, this.#faulty)) return this.#good;
    let faults: string[];
    try {
      faults = await this.#inspect(newest);
    } catch (error) {
      if (!(error instanceof AwsCallError)) throw error;
      const uses = this.#good;
      log.error(
        { event: 'launch-template.inspect-failed', error, template: newest, uses },
        'launch template version not inspected',
      );
      return this.#good;
    }
    if (faults.length === 0) {
      this.#good = newest;
      return newest;
    }
    this.#faulty = newest;
    log.error(
      { event: 'launch-template.refused', template: newest, faults, uses: this.#good },
      'launch template version refused',
    );
    return this.#good;
  }

  /**
   * The version that running workers are compared with: what `resolve` said last, at most 10 s ago. If it cannot be
   * read now, the last one that could; undefined if there is none.
   */
  async current(monotonicMs: number): Promise<TemplateVersion | undefined> {
    if (this.#readAtMs === undefined || monotonicMs - this.#readAtMs >= CURRENT_FOR_MS) {
      this.#readAtMs = monotonicMs;
      const result = await tryCall(() => this.resolve());
      if (result.kind === 'answered') this.#current = result.answer;
    }
    return this.#current;
  }

  /** The name of the version to launch from, as `templateOf` writes it; undefined if it cannot be read now. */
  async newest(): Promise<string | undefined> {
    const result = await tryCall(() => this.resolve());
    if (result.kind === 'failed') return undefined;
    const { id, version } = result.answer;
    return templateOf({ launchTemplateId: id, launchTemplateVersion: version });
  }

  /** The instance type of the version that launches use; undefined if it names none. */
  get instanceType(): string | undefined {
    return this.#instanceType;
  }

  async #checkOnce(): Promise<void> {
    const { fleet, nameOrId } = this.#deps;
    const newest = await fleet.resolveLaunchTemplate(nameOrId);
    const faults = await this.#inspect(newest);
    if (faults.length > 0)
      throw new StartError(
        [
          `WORKER_LAUNCH_TEMPLATE=${nameOrId} cannot be used: version ${newest.version} of ${newest.id} is wrong.`,
          ...faults,
        ].join('\n  '),
        EXIT.config,
      );
    this.#good = newest;
  }

  async #inspect(template: TemplateVersion): Promise<string[]> {
    const { fleet, places } = this.#deps;
    const version = await fleet.describeLaunchTemplate(template);
    const faults = templateFaults(version, places);
    if (faults.length === 0) this.#instanceType = version.instanceType;
    return faults;
  }
}

function cannotRead(nameOrId: string, error: AwsCallError): StartError {
  const denied: boolean = isDenied(error);
  const why = denied
    ? `the scaler’s role may not call ec2:${error.operation} on *. Allow it.\n  ${error.message}`
    : error.message;
  return new StartError(
    `WORKER_LAUNCH_TEMPLATE=${nameOrId} cannot be used: ${why}`,
    denied || isTransient(error) ? EXIT.unavailable : EXIT.config,
    { cause: error },
  );
}

const same = (a: TemplateVersion, b: TemplateVersion) => a.id === b.id && a.version === b.version;
