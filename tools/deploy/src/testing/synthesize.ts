import { Template } from 'aws-cdk-lib/assertions';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { parseSettings } from '../settings.ts';
import { buildApp } from '../stacks/build-app.ts';
import type { Packs } from '../stacks/instance.ts';

const folder = mkdtempSync(join(tmpdir(), 'deploy-packs-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Packs that are no packs: only their names and hashes reach a template. */
export function emptyPacks(): Packs {
  const pack = (app: string) => {
    const file = join(folder, `${app}-linux-arm64.tar.gz`);
    writeFileSync(file, app);
    return { file, sha256: '0'.repeat(64) };
  };
  return { gateway: pack('gateway'), worker: pack('worker'), scaler: pack('scaler') };
}

/** @param options of `deploy`, besides the required one */
export function synthesize(options: Record<string, string | boolean> = {}) {
  const settings = parseSettings({ 'allow-from': '203.0.113.7/32', ...options });
  const { app, data, run } = buildApp(settings, emptyPacks());
  return { app, data: Template.fromStack(data), run: Template.fromStack(run) };
}

type Intrinsic = string | { [name: string]: unknown };

/** The text of a template's value, with a plain word for each reference. */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  const [[name, of] = ['', undefined]] = Object.entries(value as Exclude<Intrinsic, string>);
  if (name === 'Fn::Base64') return textOf(of);
  if (name === 'Fn::Sub') return String(of);
  if (name === 'Ref') return String(of).replaceAll(':', '');
  if (name === 'Fn::GetAtt') return (of as string[]).join('.');
  if (name === 'Fn::ImportValue') return textOf(of).replaceAll(':', '');
  if (name === 'Fn::Join') {
    const [separator, parts] = of as [string, unknown[]];
    return parts.map(textOf).join(separator);
  }
  throw new Error(`a template's ${name} has no text here`);
}
