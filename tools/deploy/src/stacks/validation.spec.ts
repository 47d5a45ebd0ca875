import { Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseSettings } from '../settings.ts';
import { emptyPacks } from '../testing/synthesize.ts';
import { buildApp } from './build-app.ts';

/** The rules of AWS Solutions that are not followed, and why. */
const NOT_FOLLOWED: Readonly<Record<string, string>> = {
  AS3: 'a host that is replaced is no news: an alarm tells when no scaler works',
  EC26: 'workers have nothing at rest, and an encrypted disk boots more slowly',
  IAM5: 'objects, instances and reply queues get their names later; conditions limit them, and other tests do',
  S1: 'access logs would cost more than the buckets; CloudTrail has data events for who needs them',
  SQS3: 'fleet events are worth nothing after 15 minutes, and dead letters have no dead letters',
  VPC7: 'flow logs cost by traffic; who needs them can add them to the VPC',
};

test('synthesis passes the checks of CDK, and those of AWS Solutions but for reasons', async () => {
  const outdir = await mkdtemp(join(tmpdir(), 'cdk-out-'));
  const settings = parseSettings({ 'allow-from': '203.0.113.7/32' });
  const { app } = buildApp(settings, emptyPacks(), outdir);
  const rules = new AwsSolutionsChecks(app);
  const broken = new Set<string>();
  Validations.of(app).addPlugins({
    name: 'recorder',
    validate(context) {
      for (const { ruleName } of rules.validate(context).violations) {
        broken.add(ruleName.replace(/^AwsSolutions-|\[.*/g, ''));
      }
      return { success: true, violations: [] };
    },
  });
  app.synth();
  await rm(outdir, { recursive: true });
  expect([...broken].sort()).toEqual(Object.keys(NOT_FOLLOWED).sort());
});
