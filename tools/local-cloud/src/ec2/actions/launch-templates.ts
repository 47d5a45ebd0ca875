import * as z from 'zod';

import { applyFilters, filters } from './filters.ts';
import { tagsOf } from '../launches/launch-spec.ts';
import {
  versionOf,
  type LaunchTemplate,
  type TemplateVersion,
} from '../launches/launch-templates.ts';
import { pageOf, pageShape } from './page.ts';
import { templateDataXml } from './template-data-xml.ts';
import { tagSpecifications, templateData } from '../launches/template-data.ts';
import { items, tagItems } from './xml-items.ts';
import { action } from './action.ts';

const reference = {
  LaunchTemplateId: z.string().optional(),
  LaunchTemplateName: z.string().optional(),
};

const versionShape = {
  LaunchTemplateData: templateData,
  VersionDescription: z.string().optional(),
  // A repeated call fails because the name exists, so the client token needs no check.
  ClientToken: z.string().optional(),
};

export const launchTemplateActions = [
  action(
    'CreateLaunchTemplate',
    { LaunchTemplateName: z.string(), TagSpecification: tagSpecifications, ...versionShape },
    (parameters, { templates }) => {
      const template = templates.create(
        parameters.LaunchTemplateName,
        parameters.LaunchTemplateData,
        {
          description: parameters.VersionDescription,
          tags: tagsOf(parameters.TagSpecification, 'launch-template'),
        },
      );
      return { launchTemplate: templateXml(template) };
    },
  ),

  action(
    'CreateLaunchTemplateVersion',
    { ...reference, SourceVersion: z.string().optional(), ...versionShape },
    (parameters, { templates }) => {
      const template = templates.find(parameters);
      const source =
        parameters.SourceVersion === undefined
          ? {}
          : versionOf(template, parameters.SourceVersion).data;
      const version = templates.addVersion(
        template,
        { ...source, ...parameters.LaunchTemplateData },
        parameters.VersionDescription,
      );
      return { launchTemplateVersion: versionXml(template, version) };
    },
  ),

  action(
    'DescribeLaunchTemplates',
    {
      LaunchTemplateId: z.array(z.string()).default([]),
      LaunchTemplateName: z.array(z.string()).default([]),
      Filter: filters,
      ...pageShape,
    },
    (parameters, { templates }) => {
      const named = [
        ...parameters.LaunchTemplateId.map((id) => templates.find({ LaunchTemplateId: id })),
        ...parameters.LaunchTemplateName.map((name) =>
          templates.find({ LaunchTemplateName: name }),
        ),
      ];
      const list = applyFilters(named.length > 0 ? named : templates.all(), parameters.Filter, {
        'launch-template-name': ({ name }) => name,
      });
      const { page, nextToken } = pageOf(list, parameters);
      return {
        launchTemplates: items(page.map(templateXml)),
        ...(nextToken === undefined ? {} : { nextToken }),
      };
    },
  ),

  action(
    'DescribeLaunchTemplateVersions',
    { ...reference, LaunchTemplateVersion: z.array(z.string()).optional() },
    (parameters, { templates }) => {
      const template = templates.find(parameters);
      const versions =
        parameters.LaunchTemplateVersion?.map((version) => versionOf(template, version)) ??
        template.versions.toReversed();
      return {
        launchTemplateVersionSet: items(versions.map((version) => versionXml(template, version))),
      };
    },
  ),

  action('DeleteLaunchTemplate', reference, (parameters, { templates }) => {
    const template = templates.find(parameters);
    templates.delete(template);
    return { launchTemplate: templateXml(template) };
  }),
];

function templateXml(template: LaunchTemplate): object {
  return {
    launchTemplateId: template.id,
    launchTemplateName: template.name,
    createTime: new Date(template.createdAtMs).toISOString(),
    defaultVersionNumber: 1,
    latestVersionNumber: template.versions.length,
    tagSet: tagItems(template.tags),
  };
}

function versionXml(template: LaunchTemplate, version: TemplateVersion): object {
  return {
    launchTemplateId: template.id,
    launchTemplateName: template.name,
    versionNumber: version.number,
    ...(version.description === undefined ? {} : { versionDescription: version.description }),
    createTime: new Date(version.createdAtMs).toISOString(),
    defaultVersion: version.number === 1,
    launchTemplateData: templateDataXml(version.data),
  };
}
