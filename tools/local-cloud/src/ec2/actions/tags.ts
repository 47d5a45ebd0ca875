import * as z from 'zod';

import { notServed } from '../../api-error.ts';
import { tagList } from '../template-data.ts';
import { action, type ActionContext } from './action.ts';

const resources = z.array(z.string());

export const tagActions = [
  action('CreateTags', { ResourceId: resources, Tag: tagList }, (parameters, context) => {
    const tagged = parameters.ResourceId.map((id) => tagsOf(id, context)); // all or none
    for (const tags of tagged) {
      for (const { Key, Value } of parameters.Tag) tags[Key] = Value;
    }
    return { return: true };
  }),

  action(
    'DeleteTags',
    {
      ResourceId: resources,
      Tag: z.array(z.strictObject({ Key: z.string(), Value: z.string().optional() })).optional(),
    },
    (parameters, context) => {
      const tagged = parameters.ResourceId.map((id) => tagsOf(id, context));
      for (const tags of tagged) {
        const wanted =
          parameters.Tag ?? Object.keys(tags).map((Key) => ({ Key, Value: undefined }));
        for (const { Key, Value } of wanted) {
          if (Value === undefined || tags[Key] === Value) delete tags[Key];
        }
      }
      return { return: true };
    },
  ),
];

function tagsOf(id: string, { instances, templates }: ActionContext): Record<string, string> {
  if (id.startsWith('i-')) return instances.get(id).tags;
  if (id.startsWith('lt-')) return templates.find({ LaunchTemplateId: id }).tags;
  throw notServed(`Tags of ${id}: only instances and launch templates have them`);
}
