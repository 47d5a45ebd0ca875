/** Values of series, 15 s apart, in promtool's notation. */
type Series = Readonly<Record<string, string>>;

export interface AlertCase {
  what: string;
  /** What differs from `HEALTHY`; undefined: the series is absent. */
  series: Readonly<Record<string, string | undefined>>;
  /** The alerts that fire after an hour; no others may. */
  fires: readonly string[];
}

const NEVER = '0x360';
const ALWAYS = '1x360';
/** A counter that grows by so many a minute. */
const by = (each: number) => `0+${each / 4}x360`;
/** A counter that grows once, half an hour before the alerts are read. */
const once = (by: number) => `0x120 ${by}x240`;

const REQUESTS = 'labelfleet_http_requests_seconds_count';
const WAITS = 'labelfleet_wait_seconds_bucket{ended="completed",';
const LOOP = 'labelfleet_event_loop_delay_seconds_bucket{job="labelfleet-worker",instance="w",';
const CALLS = 'labelfleet_aws_calls_total{job="labelfleet-worker",service="sqs",';
const RECEIVE = `${CALLS}operation="ReceiveMessage",`;

/** A fleet with some load and no trouble. */
export const HEALTHY: Series = {
  'up{job="labelfleet-gateway",instance="g"}': ALWAYS,
  [`${REQUESTS}{route="/",status="200"}`]: by(60),
  [`${REQUESTS}{route="/",status="503"}`]: NEVER,
  [`${REQUESTS}{route="none",status="404"}`]: by(600),
  [`${WAITS}le="1"}`]: by(60),
  [`${WAITS}le="60"}`]: by(60),
  [`${WAITS}le="120"}`]: by(60),
  [`${WAITS}le="+Inf"}`]: by(60),
  'labelfleet_upload_bytes_in_flight{instance="g"}': '100x360',
  'labelfleet_upload_bytes_limit{instance="g"}': '1000x360',
  'labelfleet_webhooks_total{receiver="archive",outcome="dead-lettered"}': NEVER,
  'labelfleet_webhooks_total{receiver="archive",outcome="failed"}': by(1),
  'labelfleet_scaler_role{instance="s1",role="leader"}': ALWAYS,
  'labelfleet_scaler_role{instance="s2",role="leader"}': NEVER,
  'labelfleet_fleet_snapshot_stale{instance="g"}': NEVER,
  'labelfleet_queue_images{state="visible"}': '20x360',
  'labelfleet_workers{state="busy"}': '2x360',
  'labelfleet_workers{state="booting"}': '1x360',
  'labelfleet_troubles_total{call="launch",kind="refused"}': NEVER,
  'labelfleet_troubles_total{call="launch",kind="throttled"}': by(1),
  'labelfleet_boots_failed_total{cause="unknown"}': NEVER,
  'labelfleet_fleet_steps_total{step="silenced"}': NEVER,
  'labelfleet_jobs_stalled{instance="s1"}': NEVER,
  'labelfleet_jobs_stalled{instance="s2"}': NEVER,
  labelfleet_tick_faults_total: NEVER,
  'labelfleet_dead_letters_total{outcome="resend"}': NEVER,
  'labelfleet_requests_swept_total{outcome="resend"}': NEVER,
  'labelfleet_attempts_total{outcome="classified"}': by(60),
  'labelfleet_attempts_total{outcome="failed"}': NEVER,
  'labelfleet_deliveries_total{outcome="lapsed"}': NEVER,
  [`${RECEIVE}outcome="done"}`]: by(600),
  [`${RECEIVE}outcome="failed"}`]: NEVER,
  [`${RECEIVE}outcome="denied"}`]: NEVER,
  [`${LOOP}le="0.02"}`]: by(600),
  [`${LOOP}le="0.5"}`]: by(600),
  [`${LOOP}le="1"}`]: by(600),
  [`${LOOP}le="+Inf"}`]: by(600),
  'labelfleet_log_lines_lost{job="labelfleet-worker",instance="w"}': NEVER,
};

export const CASES: readonly AlertCase[] = [
  { what: 'nothing is wrong', series: {}, fires: [] },
  {
    what: 'nothing is sent',
    series: {
      [`${REQUESTS}{route="/",status="200"}`]: NEVER,
      'labelfleet_queue_images{state="visible"}': NEVER,
      'labelfleet_workers{state="busy"}': NEVER,
    },
    fires: [],
  },
  {
    what: 'a gateway is down',
    series: { 'up{job="labelfleet-gateway",instance="g"}': '1x120 0x240' },
    fires: ['LabelfleetGatewayDown'],
  },
  {
    what: 'no gateway is known',
    series: { 'up{job="labelfleet-gateway",instance="g"}': undefined },
    fires: ['LabelfleetGatewayDown'],
  },
  {
    what: 'one request in ten is answered with 503',
    series: { [`${REQUESTS}{route="/",status="503"}`]: by(6) },
    fires: ['LabelfleetRequestsFail'],
  },
  {
    what: 'one request in a hundred is answered with 503',
    series: {
      [`${REQUESTS}{route="/",status="503"}`]: '0+0.75x360',
      [`${REQUESTS}{route="/",status="200"}`]: by(300),
    },
    fires: [],
  },
  {
    what: 'SQS failed for 15 s, callers repeat, and it is over',
    series: {
      [`${REQUESTS}{route="/",status="503"}`]: '0x224 300x120',
      [`${CALLS}operation="SendMessage",outcome="failed"}`]: '0x224 900x120',
    },
    fires: [],
  },
  {
    what: 'half of the callers wait for more than a minute',
    series: { [`${WAITS}le="1"}`]: by(30), [`${WAITS}le="60"}`]: by(30) },
    fires: ['LabelfleetSlow'],
  },
  {
    what: 'uploads fill their memory',
    series: { 'labelfleet_upload_bytes_in_flight{instance="g"}': '990x360' },
    fires: ['LabelfleetUploadMemoryFull'],
  },
  {
    what: 'a webhook is given up',
    series: { 'labelfleet_webhooks_total{receiver="archive",outcome="dead-lettered"}': once(1) },
    fires: ['LabelfleetWebhooksGivenUp'],
  },
  {
    what: 'all scalers are standbys',
    series: { 'labelfleet_scaler_role{instance="s1",role="leader"}': '1x120 0x240' },
    fires: ['LabelfleetNoLeader'],
  },
  {
    what: 'no scaler is there',
    series: {
      'labelfleet_scaler_role{instance="s1",role="leader"}': undefined,
      'labelfleet_scaler_role{instance="s2",role="leader"}': undefined,
      'labelfleet_fleet_snapshot_stale{instance="g"}': '0x120 1x240',
    },
    fires: ['LabelfleetNoLeader', 'LabelfleetSnapshotStale'],
  },
  {
    what: 'a standby takes over',
    series: {
      'labelfleet_scaler_role{instance="s1",role="leader"}': '1x232 0x120',
      'labelfleet_scaler_role{instance="s2",role="leader"}': '0x232 1x120',
    },
    fires: [],
  },
  {
    what: 'the leader of an idle fleet is killed, and its lease expires after a minute',
    series: {
      'labelfleet_scaler_role{instance="s1",role="leader"}': '1x235 stale',
      'labelfleet_scaler_role{instance="s2",role="leader"}': '0x242 1x120',
    },
    fires: [],
  },
  {
    what: 'two scalers lead',
    series: { 'labelfleet_scaler_role{instance="s2",role="leader"}': ALWAYS },
    fires: ['LabelfleetTwoLeaders'],
  },
  {
    what: 'images wait and no worker comes',
    series: { 'labelfleet_workers{state="busy"}': NEVER },
    fires: ['LabelfleetBacklogWithoutWorkers'],
  },
  {
    what: 'images wait while the first worker boots',
    series: {
      'labelfleet_workers{state="busy"}': '0x232 1x120',
      'labelfleet_queue_images{state="visible"}': '0x224 5x120',
    },
    fires: [],
  },
  {
    what: 'EC2 refuses launches',
    series: { 'labelfleet_troubles_total{call="launch",kind="refused"}': by(1) },
    fires: ['LabelfleetLaunchesRefused'],
  },
  {
    what: 'boots fail',
    series: { 'labelfleet_boots_failed_total{cause="unknown"}': '0x120 0+0.25x240' },
    fires: ['LabelfleetBootsFail'],
  },
  {
    what: 'one boot fails',
    series: { 'labelfleet_boots_failed_total{cause="unknown"}': once(1) },
    fires: [],
  },
  {
    what: 'workers fall silent',
    series: { 'labelfleet_fleet_steps_total{step="silenced"}': once(6) },
    fires: ['LabelfleetWorkersSilent'],
  },
  {
    what: 'ticks throw',
    series: { labelfleet_tick_faults_total: by(1) },
    fires: ['LabelfleetTicksFail'],
  },
  {
    what: 'a dead letter comes',
    series: { 'labelfleet_dead_letters_total{outcome="resend"}': once(1) },
    fires: ['LabelfleetDeadLetters'],
  },
  {
    what: 'a request had lost its message',
    series: { 'labelfleet_requests_swept_total{outcome="resend"}': once(1) },
    fires: ['LabelfleetRequestsSwept'],
  },
  {
    what: 'every tenth attempt fails',
    series: { 'labelfleet_attempts_total{outcome="failed"}': by(6) },
    fires: ['LabelfleetAttemptsFail'],
  },
  {
    what: 'one attempt fails',
    series: { 'labelfleet_attempts_total{outcome="failed"}': '0x220 1x120' },
    fires: [],
  },
  {
    what: 'messages lapse',
    series: { 'labelfleet_deliveries_total{outcome="lapsed"}': by(1) },
    fires: ['LabelfleetVisibilityLapses'],
  },
  {
    what: 'no job makes progress',
    series: { 'labelfleet_jobs_stalled{instance="s1"}': '0x120 1x240' },
    fires: ['LabelfleetJobsStalled'],
  },
  {
    what: 'no job made progress when a standby last led',
    series: { 'labelfleet_jobs_stalled{instance="s2"}': ALWAYS },
    fires: [],
  },
  {
    what: 'SQS fails',
    series: { [`${RECEIVE}outcome="failed"}`]: '0x120 0+50x240' },
    fires: ['LabelfleetAwsCallsFail'],
  },
  {
    what: 'a permission is missing',
    series: { [`${RECEIVE}outcome="denied"}`]: by(2) },
    fires: ['LabelfleetAccessDenied'],
  },
  {
    what: 'one turn of the event loop in twenty takes a second',
    series: { [`${LOOP}le="0.02"}`]: by(570), [`${LOOP}le="0.5"}`]: by(570) },
    fires: ['LabelfleetEventLoopBlocked'],
  },
  {
    what: 'the disk of the log is full',
    series: { 'labelfleet_log_lines_lost{job="labelfleet-worker",instance="w"}': once(5) },
    fires: ['LabelfleetLogLinesLost'],
  },
];
