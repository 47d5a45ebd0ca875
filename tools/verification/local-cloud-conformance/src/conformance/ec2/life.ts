import { expect } from 'vitest';

import { FaultsClient } from '@labelfleet/testkit/faults-client';
import { launch, launchOne, terminate, untilState } from '@labelfleet/testkit/test-instances';
import type { Table } from '../case.ts';
import { ec2Api, ec2Guide } from '../sources.ts';

const SHUTDOWN = ec2Guide('Using_ChangingInstanceInitiatedShutdownBehavior');

export const lifeTable: Table = {
  title: 'an instance',
  cases: [
    {
      id: 'ec2-running',
      sentence: 'is pending at its launch, then running',
      source: ec2Guide('ec2-instance-lifecycle'),
      needs: ['instances'],
      run: async (clients) => {
        const [launched] = await launch(clients);
        expect(launched?.State).toEqual({ Code: 0, Name: 'pending' });
        const id = launched?.InstanceId ?? '';
        expect(id).toMatch(/^i-[0-9a-f]{17}$/);
        expect((await untilState(clients, id, 'running')).State?.Code).toBe(16);
      },
    },
    {
      id: 'ec2-terminated',
      sentence: 'is shutting down, then terminated, after TerminateInstances, and stays listed',
      source: ec2Api('TerminateInstances'),
      needs: ['processes'],
      run: async (clients) => {
        const id = await launchOne(clients);
        await untilState(clients, id, 'running');
        const { TerminatingInstances } = await terminate(clients, id);
        expect(TerminatingInstances).toEqual([
          {
            InstanceId: id,
            PreviousState: { Code: 16, Name: 'running' },
            CurrentState: { Code: 32, Name: 'shutting-down' },
          },
        ]);
        const ended = await untilState(clients, id, 'terminated');
        expect(ended.StateReason?.Code).toBe('Client.UserInitiatedShutdown');
        await terminate(clients, id); // once more changes nothing
      },
    },
    {
      id: 'ec2-terminated-pending',
      sentence: 'ends while it is pending',
      source: ec2Api('TerminateInstances'),
      needs: ['instances'],
      run: async (clients) => {
        const id = await launchOne(clients);
        await terminate(clients, id);
        await untilState(clients, id, 'terminated');
      },
    },
    {
      id: 'ec2-ends-itself',
      sentence: 'ends when its process ends (InstanceInitiatedShutdownBehavior=terminate)',
      source: SHUTDOWN,
      needs: ['processes'],
      run: async (clients) => {
        const id = await launchOne(clients, {
          ImageId: 'ami-ends',
          InstanceInitiatedShutdownBehavior: 'terminate',
        });
        const ended = await untilState(clients, id, 'terminated');
        expect(ended.StateReason?.Code).toBe('Client.InstanceInitiatedShutdown');
      },
    },
    {
      id: 'ec2-stops-itself',
      sentence:
        'is stopped when its process ends, where nothing else was asked for, until it is terminated',
      source: SHUTDOWN,
      needs: ['processes'],
      run: async (clients) => {
        const id = await launchOne(clients, { ImageId: 'ami-ends' });
        const stopped = await untilState(clients, id, 'stopped');
        expect(stopped.State?.Code).toBe(80);
        expect(stopped.StateReason?.Code).toBe('Client.InstanceInitiatedShutdown');
        expect(stopped.StateReason?.Message).toContain('ended with exit code 0');
        await terminate(clients, id);
        await untilState(clients, id, 'terminated');
      },
    },
    {
      id: 'ec2-grace',
      sentence: 'ends after the grace time when its process does not heed SIGTERM',
      needs: ['processes'],
      run: async (clients) => {
        const id = await launchOne(clients, { ImageId: 'ami-stubborn' });
        await untilState(clients, id, 'running');
        await terminate(clients, id);
        await untilState(clients, id, 'terminated');
      },
    },
    {
      id: 'ec2-launch-fails',
      sentence: 'ends without running, with the reason, when a launch that was accepted fails',
      source: ec2Api('StateReason'),
      needs: ['local'],
      run: async (clients) => {
        const code = 'Client.VolumeLimitExceeded';
        const InstanceType = 'm1.medium'; // of no other case
        await new FaultsClient(clients.endpoint).set({
          kind: 'boot-failure',
          code,
          match: { instanceType: InstanceType },
        });
        const [launched] = await launch(clients, { InstanceType });
        expect(launched?.State?.Name).toBe('pending');
        const ended = await untilState(clients, launched?.InstanceId ?? '', 'terminated');
        const Message = `${code}: Volume limit exceeded`;
        expect(ended.StateReason).toEqual({ Code: code, Message });
        expect(ended.StateTransitionReason).toBe(Message);
      },
    },
    {
      id: 'ec2-no-program',
      sentence: 'ends at once when its program cannot be started',
      needs: ['processes'],
      run: async (clients) => {
        const id = await launchOne(clients, { ImageId: 'ami-missing' });
        const ended = await untilState(clients, id, 'terminated');
        expect(ended.StateReason?.Code).toBe('Server.InternalError');
      },
    },
  ],
};
