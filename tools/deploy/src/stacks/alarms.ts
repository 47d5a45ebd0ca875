import {
  Duration,
  aws_budgets as budgets,
  aws_cloudwatch as cloudwatch,
  aws_cloudwatch_actions as actions,
  aws_sns as sns,
  aws_sns_subscriptions as subscriptions,
} from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { DataStack } from './data-stack.ts';

const MINUTE = { period: Duration.minutes(1) };
const FIVE_MINUTES = { period: Duration.minutes(5), statistic: 'Sum' };

export interface AlarmsProps {
  data: DataStack;
  maxWorkers: number;
  budgetUsd: number;
  email: string | undefined;
}

/** Alarms on metrics that AWS publishes for free, and a budget. */
export class Alarms extends Construct {
  readonly #topic: sns.Topic;

  constructor(scope: Construct, { data, maxWorkers, budgetUsd, email }: AlarmsProps) {
    super(scope, 'Alarms');
    this.#topic = new sns.Topic(this, 'Topic', { enforceSSL: true });
    if (email !== undefined) {
      this.#topic.addSubscription(new subscriptions.EmailSubscription(email));
    }
    const { requestQueue, deadLetterQueue, batchDeadLetterQueue, fleetEventQueue } = data;
    const oldest = requestQueue.metricApproximateAgeOfOldestMessage({
      ...MINUTE,
      statistic: 'Maximum',
    });

    for (const [id, queue] of [
      ['DeadLettersWait', deadLetterQueue],
      ['BatchDeadLettersWait', batchDeadLetterQueue],
    ] as const) {
      this.#alarm(id, 'The scaler handles dead letters at once; these stay.', {
        metric: queue.metricApproximateNumberOfMessagesVisible(MINUTE),
        threshold: 0,
        evaluationPeriods: 15,
      });
    }
    this.#alarm('RequestsWait', 'A request has waited for five minutes.', {
      metric: oldest,
      threshold: 300,
      evaluationPeriods: 3,
    });
    this.#alarm('ScalerSilent', 'No scaler has received fleet events for ten minutes.', {
      metric: new cloudwatch.MathExpression({
        expression: 'FILL(empty, 0) + FILL(received, 0)',
        usingMetrics: {
          empty: fleetEventQueue.metricNumberOfEmptyReceives(FIVE_MINUTES),
          received: fleetEventQueue.metricNumberOfMessagesReceived(FIVE_MINUTES),
        },
        period: FIVE_MINUTES.period,
      }),
      threshold: 1,
      comparisonOperator: cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
      evaluationPeriods: 2,
      treatMissingData: cloudwatch.TreatMissingData.BREACHING,
    });
    this.#alarm('NothingCompleted', 'Requests wait and none is completed: do boots fail?', {
      metric: new cloudwatch.MathExpression({
        expression: 'IF(FILL(deleted, 0) == 0, oldest, 0)',
        usingMetrics: {
          deleted: requestQueue.metricNumberOfMessagesDeleted(FIVE_MINUTES),
          oldest: oldest.with(FIVE_MINUTES).with({ statistic: 'Maximum' }),
        },
        period: FIVE_MINUTES.period,
      }),
      threshold: 600,
      evaluationPeriods: 2,
    });
    this.#alarm('ManyCores', 'More vCPUs run in this account than the largest fleet has.', {
      metric: new cloudwatch.Metric({
        namespace: 'AWS/Usage',
        metricName: 'ResourceCount',
        dimensionsMap: {
          Service: 'EC2',
          Type: 'Resource',
          Resource: 'vCPU',
          Class: 'Standard/OnDemand',
        },
        statistic: 'Maximum',
        period: FIVE_MINUTES.period,
      }),
      // Most types for workers have two vCPUs; the hosts have up to eight together.
      threshold: 2 * maxWorkers + 8,
      evaluationPeriods: 2,
    });

    new budgets.CfnBudget(this, 'Budget', {
      budget: {
        budgetType: 'COST',
        timeUnit: 'MONTHLY',
        budgetLimit: { amount: budgetUsd, unit: 'USD' },
      },
      ...(email !== undefined && {
        notificationsWithSubscribers: [
          {
            notification: {
              notificationType: 'ACTUAL',
              comparisonOperator: 'GREATER_THAN',
              threshold: 80,
            },
            subscribers: [{ subscriptionType: 'EMAIL', address: email }],
          },
        ],
      }),
    });
  }

  #alarm(id: string, alarmDescription: string, props: cloudwatch.AlarmProps): void {
    new cloudwatch.Alarm(this, id, {
      alarmDescription,
      comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
      treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
      ...props,
    }).addAlarmAction(new actions.SnsAction(this.#topic));
  }
}
