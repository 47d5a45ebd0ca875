import { userData, type BootOptions } from '@labelfleet/bundle/user-data';
import { aws_ec2 as ec2, aws_iam as iam, aws_s3_assets as assets } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { Role } from '../rights/policies.ts';

/** A pack on the machine that deploys. */
export interface PackFile {
  file: string;
  sha256: string;
}
export type Packs = Readonly<Record<Role, PackFile>>;

/** What all instances have: Amazon Linux 2023, a small disk, instance metadata with tokens only. */
export function commonSettings(arch: 'arm64' | 'x64') {
  return {
    // An SSM parameter, which CloudFormation reads at each deploy.
    machineImage: ec2.MachineImage.latestAmazonLinux2023({
      cpuType: arch === 'arm64' ? ec2.AmazonLinuxCpuType.ARM_64 : ec2.AmazonLinuxCpuType.X86_64,
    }),
    requireImdsv2: true,
    httpPutResponseHopLimit: 1,
  } satisfies ec2.LaunchTemplateProps;
}

/** @param encrypted false where nothing is at rest, because an encrypted disk boots more slowly */
export const disk = (encrypted: boolean): ec2.BlockDevice[] => [
  {
    deviceName: '/dev/xvda',
    volume: ec2.BlockDeviceVolume.ebs(8, {
      volumeType: ec2.EbsDeviceVolumeType.GP3,
      deleteOnTermination: true,
      encrypted,
    }),
  },
];

/** Uploads the pack of an app, lets its role read it, and makes the user data that fetches it. */
export function bootFrom(
  scope: Construct,
  app: Role,
  {
    pack,
    role,
    environment,
  }: {
    pack: PackFile;
    role: iam.Role;
    environment: BootOptions['environment'];
  },
): ec2.UserData {
  const asset = new assets.Asset(scope, `${app}-pack`, { path: pack.file });
  // asset.grantRead would let it read the packs of the other roles and everything else that was deployed.
  role.addToPrincipalPolicy(
    new iam.PolicyStatement({
      sid: 'FetchPack',
      actions: ['s3:GetObject'],
      resources: [asset.bucket.arnForObjects(asset.s3ObjectKey)],
    }),
  );
  const script = userData({
    app,
    packAddress: asset.s3ObjectUrl,
    packSha256: pack.sha256,
    environment,
  });
  return ec2.UserData.custom(script);
}
