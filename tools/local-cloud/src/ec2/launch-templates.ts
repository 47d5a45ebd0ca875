import { ApiError } from '../api-error.ts';
import { randomId } from './random-id.ts';
import type { TemplateData } from './template-data.ts';

export interface TemplateVersion {
  readonly number: number;
  readonly createdAtMs: number;
  readonly description: string | undefined;
  readonly data: TemplateData;
}

export interface LaunchTemplate {
  readonly id: string;
  readonly name: string;
  readonly createdAtMs: number;
  readonly tags: Record<string, string>;
  /** Number 1 is the first. */
  readonly versions: TemplateVersion[];
}

/** Names a template: by one of the two. */
export interface TemplateReference {
  LaunchTemplateId?: string | undefined;
  LaunchTemplateName?: string | undefined;
}

const NAME = /^[a-zA-Z0-9()./_-]{3,128}$/;

export class LaunchTemplates {
  readonly #templates = new Map<string, LaunchTemplate>();

  all(): LaunchTemplate[] {
    return [...this.#templates.values()];
  }

  create(name: string, data: TemplateData, description: string | undefined): LaunchTemplate {
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
      tags: {},
      versions: [{ number: 1, createdAtMs, description, data }],
    };
    this.#templates.set(template.id, template);
    return template;
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
  }
}

/** By number, `$Latest` or `$Default`, which stays the first as ModifyLaunchTemplate is not served. */
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
