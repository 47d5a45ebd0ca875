import { RemovalPolicy, aws_iam as iam, aws_logs as logs } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

/** Makes the log group of a role, which may write there and nowhere else. @returns variables of its machines */
export function logGroup(scope: Construct, logGroupName: string, role: iam.Role) {
  const group = new logs.LogGroup(scope, `Logs${logGroupName}`, {
    logGroupName,
    retention: logs.RetentionDays.TWO_WEEKS,
    // With another stack of the same name, the group would be in the way.
    removalPolicy: RemovalPolicy.DESTROY,
  });
  role.addToPrincipalPolicy(
    new iam.PolicyStatement({
      sid: 'SendLogs',
      actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
      resources: [group.logGroupArn],
    }),
  );
  return { LOG_GROUP: logGroupName };
}
