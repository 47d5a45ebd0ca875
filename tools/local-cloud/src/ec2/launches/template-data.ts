import * as z from 'zod';

/** Text values of the query protocol. */
export const flag = z.enum(['true', 'false']);
export const count = z.union([
  z.string().regex(/^\d+$/, 'It is no whole number.').transform(Number),
  z.int(), // the persisted form
]);

/** A key that a caller may set. Those that begin with `aws:` are set by EC2 only. */
export const tagKey = z
  .string()
  .min(1)
  .refine(
    (key) => !key.toLowerCase().startsWith('aws:'),
    "Tag keys starting with 'aws:' are reserved for internal use.",
  );

export const tagList = z.array(z.strictObject({ Key: tagKey, Value: z.string().default('') }));

export const tagSpecifications = z
  .array(z.strictObject({ ResourceType: z.string(), Tag: tagList.default([]) }))
  .default([]);

/** The parameters of launch templates and launches. A launch's parameter overrides its template's. */
export const launchShape = {
  ImageId: z.string().optional(),
  InstanceType: z.string().optional(),
  UserData: z.base64('It is not Base64.').optional(),
  IamInstanceProfile: z
    .strictObject({ Name: z.string().optional(), Arn: z.string().optional() })
    .optional(),
  InstanceInitiatedShutdownBehavior: z.enum(['stop', 'terminate']).optional(),
  MetadataOptions: z
    .strictObject({
      HttpEndpoint: z.enum(['enabled', 'disabled']).optional(),
      HttpTokens: z.literal('required', 'Only IMDSv2 is served by local-cloud.').optional(),
      HttpPutResponseHopLimit: count.optional(),
      HttpProtocolIpv6: z.literal('disabled').optional(),
      InstanceMetadataTags: z.enum(['enabled', 'disabled']).optional(),
    })
    .optional(),
  InstanceMarketOptions: z
    .strictObject({
      MarketType: z.literal('spot').optional(),
      SpotOptions: z
        .strictObject({
          SpotInstanceType: z.literal('one-time').optional(),
          InstanceInterruptionBehavior: z.literal('terminate').optional(),
          MaxPrice: z.string().optional(),
        })
        .optional(),
    })
    .optional(),
  /** There are no disks, so only those are taken that would be empty at first and gone at the end. */
  BlockDeviceMapping: z
    .array(
      z.strictObject({
        DeviceName: z.string().min(1),
        Ebs: z.strictObject({
          VolumeSize: count.optional(),
          VolumeType: z.enum(['gp2', 'gp3']).optional(),
          Encrypted: flag.optional(),
          DeleteOnTermination: z
            .literal('true', 'Only disks that end with their instance are served by local-cloud.')
            .optional(),
        }),
      }),
    )
    .optional(),
  Monitoring: z
    .strictObject({
      Enabled: z.literal('false', 'Detailed monitoring is not served by local-cloud.'),
    })
    .optional(),
  // These have no effect, because there is no network, key or hypervisor.
  KeyName: z.string().optional(),
  SecurityGroupId: z.array(z.string()).optional(),
  EbsOptimized: flag.optional(),
  TagSpecification: tagSpecifications,
};

/** A template may also have parameters that local-cloud ignores at launch, so that readers of templates can be tested. */
export const templateData = z.strictObject({
  ...launchShape,
  DisableApiTermination: flag.optional(),
  NetworkInterface: z.array(z.record(z.string(), z.unknown())).optional(),
});

export type TemplateData = z.output<typeof templateData>;
