import * as z from 'zod';

import { ApiError } from '../../api-error.ts';
import { applyFilters, filters } from './filters.ts';
import { subnetsOf, VPC_ID } from '../places.ts';
import { items } from './xml-items.ts';
import { action } from './action.ts';

const ids = z.array(z.string()).optional();

export const placeActions = [
  action('DescribeSubnets', { SubnetId: ids, Filter: filters }, (parameters, context) => {
    const { region } = context;
    const isDefault = String(context.defaultSubnets);
    const subnets = pick(subnetsOf(region), parameters.SubnetId, (id) => [
      'InvalidSubnetID.NotFound',
      `The subnet ID '${id}' does not exist`,
    ]);
    const shown = applyFilters(subnets, parameters.Filter, {
      'subnet-id': ({ id }) => id,
      'availability-zone': ({ zone }) => zone,
      'vpc-id': () => VPC_ID,
      'default-for-az': () => isDefault,
    });
    return {
      subnetSet: items(
        shown.map(({ id, zone, network }) => ({
          subnetId: id,
          state: 'available',
          vpcId: VPC_ID,
          cidrBlock: `172.31.${network}.0/24`,
          availableIpAddressCount: 250,
          availabilityZone: zone,
          defaultForAz: isDefault,
          ownerId: '000000000000',
        })),
      ),
    };
  }),

  action('DescribeImages', { ImageId: ids, Filter: filters, Owner: ids }, (parameters, context) => {
    const images = Object.keys(context.images).map((id) => ({ id }));
    const wanted = pick(images, parameters.ImageId, (id) => [
      'InvalidAMIID.NotFound',
      `The image id '[${id}]' does not exist`,
    ]);
    const shown = applyFilters(wanted, parameters.Filter, {
      'image-id': ({ id }) => id,
      name: ({ id }) => id,
      state: () => 'available',
    });
    return {
      imagesSet: items(
        shown.map(({ id }) => ({
          imageId: id,
          name: id,
          imageState: 'available',
          imageType: 'machine',
          imageOwnerId: '000000000000',
          isPublic: false,
        })),
      ),
    };
  }),
];

function pick<T extends { readonly id: string }>(
  all: readonly T[],
  wanted: readonly string[] | undefined,
  missing: (id: string) => [code: string, message: string],
): readonly T[] {
  return (
    wanted?.map((id) => {
      const found = all.find((each) => each.id === id);
      if (found === undefined) throw new ApiError(...missing(id));
      return found;
    }) ?? all
  );
}
