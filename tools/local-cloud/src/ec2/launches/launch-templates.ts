import * as z from 'zod';

import { ApiError } from '../../api-error.ts';
import type { Collection, Storage } from '../../storage/storage.ts';
import { randomId } from '../random-id.ts';
import { templateData, type TemplateData } from './template-data.ts';

const templateVersion = z.object({
  number: z.int(),
  createdAtMs: z.number(),
  description: z.string().optional(),
  data: templateData,
});

const launchTemplate = z.object({
  id: z.string(),
  name: z.string(),
  createdAtMs: z.number(),
  tags: z.record(z.string(), z.string()),
  /** Version 1 is the first. */
  versions: z.array(templateVersion),
});

export type TemplateVersion = z.output<typeof templateVersion>;
export type LaunchTemplate = z.output<typeof launchTemplate>;

/** Identifies a template by one of the two. */
export interface TemplateReference {
  LaunchTemplateId?: string | undefined;
  LaunchTemplateName?: string | undefined;
}

const NAME = /^[a-zA-Z0-9()./_-]{3,128}$/;

export class LaunchTemplates {
  readonly #templates: Map<string, LaunchTemplate>;
  readonly #stored: Collection<LaunchTemplate>;

  /** Starts with the templates that an earlier process persisted. */
  constructor(storage: Storage) {
    this.#stored = storage.collection('launch-template', launchTemplate);
    const stored = [...this.#stored.entries()].sort(
      ([, a], [, b]) => a.createdAtMs - b.createdAtMs,
    );
    this.#templates = new Map(stored);
  }

  all(): LaunchTemplate[] {
    return [...this.#templates.values()];
  }

  create(
    name: string,
    data: TemplateData,
    more: { description: string | undefined; tags: Record<string, string> },
  ): LaunchTemplate {
    if (!NAME.test(name)) {
      throw new ApiError('InvalidLaunchTemplateName.MalformedException', `Invalid name '${name}'`);
    }
    if (this.all().some((template) => template.name === name)) {
      throw new ApiError(
        'InvalidLaunchTemplateName.AlreadyExistsException',
        'Launch template name already in use.',
      );
    }
    const createdAtMs = Date.now();
    const template: LaunchTemplate = {
      id: randomId('lt'),
      name,
      createdAtMs,
      tags: more.tags,
      versions: [{ number: 1, createdAtMs, description: more.description, data }],
    };
    this.#templates.set(template.id, template);
    this.changed(template);
    return template;
  }

  /** Persists a template after a change of its tags. */
  changed(template: LaunchTemplate): void {
    this.#stored.save(template.id, template);
  }

  addVersion(
    template: LaunchTemplate,
    data: TemplateData,
    description: string | undefined,
  ): TemplateVersion {
    const version = {
      number: template.versions.length + 1,
      createdAtMs: Date.now(),
      description,
      data,
    };
    template.versions.push(version);
    this.changed(template);
    return version;
  }

  find({ LaunchTemplateId: id, LaunchTemplateName: name }: TemplateReference): LaunchTemplate {
    if ((id === undefined) === (name === undefined)) {
      throw new ApiError(
        'MissingParameter',
        'Either the launch template ID or the launch template name must be specified, and not both.',
      );
    }
    const template = this.all().find((each) => each.id === id || each.name === name);
    if (template !== undefined) return template;
    throw id === undefined
      ? new ApiError(
          'InvalidLaunchTemplateName.NotFoundException',
          `The specified launch template, with template name ${name}, does not exist.`,
        )
      : new ApiError(
          'InvalidLaunchTemplateId.NotFound',
          `The specified launch template, with template ID ${id}, does not exist.`,
        );
  }

  delete(template: LaunchTemplate): void {
    this.#templates.delete(template.id);
    this.#stored.remove(template.id);
  }
}

/** Finds a version by number, `$Latest` or `$Default`. The default stays version 1: ModifyLaunchTemplate is not served. */
export function versionOf(template: LaunchTemplate, version = '$Default'): TemplateVersion {
  const index =
    version === '$Latest' ? -1 : version === '$Default' ? 0 : Math.max(0, Number(version)) - 1;
  const found = template.versions.at(index);
  if (found !== undefined && version !== '0') return found;
  throw new ApiError(
    'InvalidLaunchTemplateId.VersionNotFound',
    `Could not find launch template version ${version} of ${template.id}`,
  );
}
