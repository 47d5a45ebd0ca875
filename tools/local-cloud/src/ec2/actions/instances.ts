import * as z from 'zod';

import { ApiError } from '../../api-error.ts';
import { applyFilters, filters, INSTANCE_FIELDS } from './filters.ts';
import { reservationXml, stateXml } from './instance-xml.ts';
import type { Instance } from '../instances/instance.ts';
import type { InstanceView } from '../instances/instance-view.ts';
import { pageOf, pageShape } from './page.ts';
import { flag } from '../launches/template-data.ts';
import { items } from './xml-items.ts';
import { action } from './action.ts';

const ids = z.array(z.string()).optional();

const describeShape = { InstanceId: ids, Filter: filters, ...pageShape };

type Describe = z.output<z.ZodObject<typeof describeShape>>;

export const instanceActions = [
  action('DescribeInstances', describeShape, (parameters, { view }) => {
    const { page, nextToken } = pageOf(select(view, parameters), parameters);
    return {
      reservationSet: items([...Map.groupBy(page, byReservation).values()].map(reservationXml)),
      ...(nextToken === undefined ? {} : { nextToken }),
    };
  }),

  action(
    'DescribeInstanceStatus',
    { ...describeShape, IncludeAllInstances: flag.default('false') },
    ({ IncludeAllInstances: all, ...parameters }, { view }) => {
      const shown = select(view, parameters).filter(
        ({ state }) => all === 'true' || state === 'running',
      );
      const { page, nextToken } = pageOf(shown, parameters);
      return {
        instanceStatusSet: items(page.map(statusXml)),
        ...(nextToken === undefined ? {} : { nextToken }),
      };
    },
  ),

  action('TerminateInstances', { InstanceId: z.array(z.string()) }, (parameters, { instances }) => {
    const found = parameters.InstanceId.map((id) => instances.get(id)); // all or none
    return {
      instancesSet: items(
        found.map((instance) => {
          const previousState = stateXml(instance.state);
          instances.terminate(instance);
          return {
            instanceId: instance.id,
            currentState: stateXml(instance.state),
            previousState,
          };
        }),
      ),
    };
  }),
];

const byReservation = ({ reservationId }: Instance) => reservationId;

function select(view: InstanceView, parameters: Describe): Instance[] {
  const { InstanceId: wanted, MaxResults, Filter: filter } = parameters;
  if (wanted !== undefined && MaxResults !== undefined) {
    throw new ApiError(
      'InvalidParameterCombination',
      'The parameter instancesSet cannot be used with the parameter maxResults',
    );
  }
  const list = wanted?.map((id) => view.get(id)) ?? view.all();
  return applyFilters(list, filter, INSTANCE_FIELDS);
}

function statusXml(instance: Instance): object {
  const status = {
    status: instance.state === 'running' ? 'ok' : 'not-applicable',
    details: items([]),
  };
  return {
    instanceId: instance.id,
    availabilityZone: instance.zone,
    instanceState: stateXml(instance.state),
    instanceStatus: status,
    systemStatus: status,
  };
}
