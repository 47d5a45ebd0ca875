import type { IncomingMessage, ServerResponse } from 'node:http';

import type { InstanceView } from '../ec2/instances/instance-view.ts';
import { ec2Facts } from './call-facts.ts';
import { applyFaults } from './call-faults.ts';
import type { Faults } from './faults.ts';
import { StaleViews } from './stale-view.ts';

/** The faults of EC2 calls. */
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
   * Applies the faults of a call.
   * @returns the instances as the call sees them
   * @throws ApiError to be sent as the response
   */
  async apply(call: {
    request: IncomingMessage;
    response: ServerResponse;
    action: string;
    parameters: unknown;
  }): Promise<InstanceView> {
    const { request, response, action, parameters } = call;
    const apiCall = { request, response, action: `ec2:${action}`, facts: ec2Facts(parameters) };
    await applyFaults(this.#faults, apiCall);
    return this.#views.viewOf(apiCall);
  }
}
