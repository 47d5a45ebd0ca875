import * as z from 'zod';

/** Text values of the query protocol. */
export const flag = z.enum(['true', 'false']);
export const count = z.union([
  z.string().regex(/^\d+$/, 'It is no whole number.').transform(Number),
  z.int(), // the persisted form
]);

export const tagList = z.array(
  z.strictObject({ Key: z.string().min(1), Value: z.string().default('') }),
);

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
