import type { IncomingMessage, ServerResponse } from 'node:http';

import type { InstanceView } from '../ec2/instance-view.ts';
import { ec2Facts } from './call-facts.ts';
import { meetFaults } from './call-faults.ts';
import type { Faults } from './faults.ts';
import { StaleViews } from './stale-view.ts';

/** What goes wrong on purpose with calls of EC2. */
export class Ec2Faults {
  readonly #faults: Faults;
  readonly #views: StaleViews;

  constructor(faults: Faults, instances: InstanceView) {
    this.#faults = faults;
    this.#views = new StaleViews(faults, instances);
  }

  get none(): boolean {
    return this.#faults.none;
  }

  /**
   * Lets a call meet its faults.
   * @returns the instances as the call sees them
   * @throws ApiError to be answered
   */
  async meet(call: {
    request: IncomingMessage;
    response: ServerResponse;
    action: string;
    parameters: unknown;
  }): Promise<InstanceView> {
    const { request, response, action, parameters } = call;
    const met = { request, response, action: `ec2:${action}`, facts: ec2Facts(parameters) };
    await meetFaults(this.#faults, met);
    return this.#views.viewOf(met);
  }
}
